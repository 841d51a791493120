/// Tells texts apart, and one that is damaged from one that is whole.
enum Fingerprint {
  /// FNV-1a with 64 bits: enough to see damage, which is no attack.
  static func of(_ text: String) -> UInt64 {
    text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }
}
