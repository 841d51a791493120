/// What a PipeWire needs that has neither hardware nor a session bus.
enum PipeWireConfiguration {
  /// - Parameter withDesk: whether there are devices that come and go with the daemon.
  static func files(withDesk: Bool) -> [String: String] {
    [
      "pipewire/pipewire.conf": pipewire(with: withDesk ? Desk.pipeWireObjects : ""),
      "pipewire/pipewire-pulse.conf": pulse,
      "wireplumber/main.lua.d/51-test.lua": lua,
      "wireplumber/bluetooth.lua.d/51-test.lua": "bluez_monitor.enabled = false\n",
      "wireplumber/wireplumber.conf.d/51-test.conf": wireplumber,
    ]
  }

  private static func pipewire(with objects: String) -> String {
    """
    context.properties = {
        core.daemon = true
        core.name = pipewire-0
        log.level = 2
        support.dbus = false
        settings.check-quantum = false
        default.clock.quantum = 1024
        default.clock.min-quantum = 256
    }
    context.spa-libs = {
        audio.convert.* = audioconvert/libspa-audioconvert
        support.*       = support/libspa-support
    }
    context.modules = [
        { name = libpipewire-module-protocol-native }
        { name = libpipewire-module-metadata }
        { name = libpipewire-module-spa-node-factory }
        { name = libpipewire-module-client-node }
        { name = libpipewire-module-client-device }
        { name = libpipewire-module-access }
        { name = libpipewire-module-adapter }
        { name = libpipewire-module-link-factory }
        { name = libpipewire-module-session-manager }
    ]
    context.objects = [
        { factory = spa-node-factory
            args = {
                factory.name = support.node.driver node.name = Dummy-Driver
                node.group = pipewire.dummy priority.driver = 20000
            }
        }
        \(objects)
    ]
    """
  }

  private static let pulse = """
    context.properties = { log.level = 2 support.dbus = false }
    context.spa-libs = {
        audio.convert.* = audioconvert/libspa-audioconvert
        support.*       = support/libspa-support
    }
    context.modules = [
        { name = libpipewire-module-protocol-native }
        { name = libpipewire-module-client-node }
        { name = libpipewire-module-adapter }
        { name = libpipewire-module-metadata }
        { name = libpipewire-module-protocol-pulse args = { } }
    ]
    pulse.cmd = [
        { cmd = "load-module" args = "module-always-sink" flags = [ ] }
    ]
    pulse.properties = { server.address = [ "unix:native" ] }
    """

  /// WirePlumber 0.4 ends where its device reservation and its portal find no bus.
  private static let lua = """
    alsa_monitor.enabled = false
    v4l2_monitor.enabled = false
    libcamera_monitor.enabled = false
    default_access.properties["enable-flatpak-portal"] = false
    """

  /// The same for WirePlumber 0.5.
  private static let wireplumber = """
    wireplumber.profiles = {
      main = {
        hardware.audio = disabled
        hardware.bluetooth = disabled
        hardware.video-capture = disabled
        support.reserve-device = disabled
        support.logind = disabled
        support.portal-permissionstore = disabled
      }
    }
    """
}
