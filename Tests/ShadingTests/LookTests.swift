import Foundation
import Shading
import Testing

@Suite struct LookTests {
  @Test("a look survives being written and read")
  func roundTrip() throws {
    var look = Look(rig: LightRig(name: "mine", frame: .head, lights: [Light(name: "a"), Light()]))
    look.rig.lights[1].kelvin = 3200
    look.rig.lights[1].isSolo = true
    look.rig.environment.isFlipped = true
    look.material.roughness = 0.4
    look.toneMap = .agx
    look.detail = 0.35
    let data = try JSONEncoder().encode(look)
    #expect(try JSONDecoder().decode(Look.self, from: data) == look)
    // The shortest decimal, not 0.3499999940395355.
    let text = String(decoding: data, as: UTF8.self)
    #expect(text.contains("0.35") && !text.contains("0.34"))
  }

  @Test("missing keys take defaults, lights are numbered")
  func defaults() throws {
    let rig = try decode(
      LightRig.self,
      #"{"name": "Loop", "frame": "head", "light": [{"name": "key", "azimuth": 35}, {"size": 30}]}"#
    )
    #expect(rig.lights.map(\.id) == [0, 1])
    #expect(rig.lights[0].azimuthDegrees == 35)
    #expect(rig.lights[0].kelvin == 5600)
    #expect(rig.lights[1].sizeDegrees == 30)
    #expect(rig.environment == EnvironmentSettings())
    #expect(try decode(Look.self, "{}") == Look())
  }

  @Test("misspelt keys and values out of range are refused")
  func refusals() {
    #expect(throws: DecodingError.self) { try decode(Light.self, #"{"azimut": 3}"#) }
    #expect(throws: DecodingError.self) { try decode(Light.self, #"{"azimuth": 300}"#) }
    #expect(throws: DecodingError.self) { try decode(LightRig.self, #"{"lights": []}"#) }
    #expect(throws: DecodingError.self) { try decode(Look.self, #"{"tone-map": "nicest"}"#) }
    #expect(throws: ShadingError.self) { try ToneMap(parsing: "nicest") }
  }

  @Test("solo silences the others, off silences itself")
  func activeLights() {
    var rig = LightRig(lights: [Light(), Light(), Light()])
    #expect(rig.activeLights.count == 3)
    rig.lights[0].isOn = false
    #expect(rig.activeLights.map(\.id) == [1, 2])
    rig.lights[2].isSolo = true
    #expect(rig.activeLights.map(\.id) == [2])
    rig.lights[0].isSolo = true
    #expect(rig.activeLights.map(\.id) == [2])
    #expect(rig.unusedLightIdentifier == 3)
  }

  @Test("mirroring twice changes nothing")
  func mirroring() {
    var rig = LightRig(lights: [Light()])
    rig.environment.rotationDegrees = 30
    #expect(rig.mirrored.lights[0].azimuthDegrees == -45)
    #expect(rig.mirrored.mirrored == rig)
  }

  private func decode<Value: Decodable>(_ type: Value.Type, _ text: String) throws -> Value {
    try JSONDecoder().decode(type, from: Data(text.utf8))
  }
}
