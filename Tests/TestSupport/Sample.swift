/// Profiles that more than one test reads.
public enum Sample {
  /// Eleven different mistakes, one a line.
  public static let elevenMistakes = """
    [profile]
    streems = move
    [output phones]
    match = buss:usb
    volume = 300%
    mute = true
    [output phones]
    match = bus:pci
    [input mic]
    volume = 100%
    [monitor]
    from = mik
    to = phone
    latency = 20
    [strema X]
    volume = 3%
    nonsense

    """
}
