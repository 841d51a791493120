import AudioGraph
import Routing
import TestSupport
import Testing

/// What a bug report does not tell.
@Suite(.timeLimit(.minutes(45))) struct DiscretionTests {
  private func said(_ text: String) throws -> String {
    let graph = try GraphText.parse(
      """
      sink phones "Phones" 30% usb=1235:8211 serial=Focusrite_Solo_Y7ABC12345678
      sink other "Other" 30% usb=1235:8211 serial=C-Media_USB_Audio
      stream 7 Firefox "My Secret Song" phones 100%
      """)
    return Discretion(user: "anna", home: "/home/anna", host: "castle", graph, nil).applied(to: text)
  }

  @Test func peopleAndPlaces() throws {
    #expect(try said("/home/anna/x.profile of anna, on castle; Annapurna") == "~/x.profile of USER, on HOST; Annapurna")
    #expect(try said("Firefox plays My Secret Song") == "Firefox plays …")
  }

  @Test func numbersOfDevices() throws {
    #expect(try said("usb-Focusrite_Solo_Y7ABC12345678-00") == "usb-Focusrite_Solo_Y7A…-00")
    // What is no number of one device is left: nobody could read the rest.
    #expect(try said("usb-C-Media_USB_Audio-00") == "usb-C-Media_USB_Audio-00")
    #expect(try said("bluez_card.00_1B_66_81_02_3C, 00:1B:66:81:02:3C") == "bluez_card.00_1B_66_…, 00:1B:66:…")
    #expect(try said("bluez_output.00_1B_66_81_02_3C.1 pci-0000_00_1f.3") == "bluez_output.00_1B_66_….1 pci-0000_00_1f.3")
  }
}
