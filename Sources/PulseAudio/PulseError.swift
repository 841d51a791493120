internal import AudioGraph
internal import CPulse

/// An error code of libpulse, with what it says. The corresponding C type is `pa_error_code_t`.
///
/// A code and not an enumeration: a newer server may answer with one that this client has never heard of.
struct PulseError: Error, Hashable, CustomStringConvertible {
  var code: Int32

  init(code: Int32) { self.code = code < 0 ? -code : code }

  /// The last error of a context. It must be read inside the callback that reports the failure: with several
  /// questions on the wire it is another one's soon after.
  init(lastOf context: OpaquePointer?) { self.init(code: context.map { pa_context_errno($0) } ?? 0) }

  static let accessDenied = PulseError(code: Int32(bitPattern: PA_ERR_ACCESS.rawValue))
  static let badState = PulseError(code: Int32(bitPattern: PA_ERR_BADSTATE.rawValue))
  static let terminated = PulseError(code: Int32(bitPattern: PA_ERR_CONNECTIONTERMINATED.rawValue))
  static let moduleFailed = PulseError(code: Int32(bitPattern: PA_ERR_MODINITFAILED.rawValue))

  /// What it means for a conversation that cannot go on with it.
  var ending: ServerError { self == .accessDenied ? .accessDenied : .failed(reason: description) }

  /// What libpulse says about the code. The corresponding C function is `pa_strerror`.
  var description: String { pa_strerror(code).map { String(cString: $0) } ?? "error \(code)" }
}
