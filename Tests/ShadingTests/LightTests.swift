import Foundation
import Shading
import Testing

@Suite struct LightTests {
  @Test("an argument sets what it names and leaves the rest")
  func parsing() throws {
    let light = try Light(parsing: "az=-60, elevation=20,ev=0.5,kelvin=3200,size=12,shadow=off")
    #expect(light.azimuthDegrees == -60)
    #expect(light.elevationDegrees == 20)
    #expect(light.exposure == 0.5)
    #expect(light.kelvin == 3200)
    #expect(light.sizeDegrees == 12)
    #expect(!light.castsShadow)
    #expect(light.tint == 0 && light.isOn && !light.isSolo)
  }

  @Test("a wrong argument is told what the key takes")
  func parsingErrors() {
    #expect(
      throws: ShadingError.invalidValue(
        key: "azimuth", value: "left", expected: .number(range: -180...180, unit: "°"))
    ) { try Light(parsing: "az=left") }
    #expect(
      throws: ShadingError.invalidValue(
        key: "elevation", value: "91", expected: .number(range: -90...90, unit: "°"))
    ) { try Light(parsing: "el=91") }
    #expect(throws: ShadingError.invalidValue(key: "shadow", value: "2", expected: .onOrOff)) {
      try Light(parsing: "shadow=2")
    }
    #expect(throws: ShadingError.malformedAssignment(text: "az45")) {
      try Light(parsing: "az45")
    }
    #expect(throws: ShadingError.malformedAssignment(text: "")) { try Light(parsing: "") }
    #expect(throws: ShadingError.self) { try Light(parsing: "az=nan") }
    #expect {
      try Light(parsing: "colour=red")
    } throws: { error in
      guard case ShadingError.unknownKey(let key, let known) = error else { return false }
      return key == "colour" && known.contains("azimuth") && known.contains("shadow")
    }
  }

  @Test("every row's default lies in its useful range, which lies in its range")
  func tables() {
    func check<Root>(_ rows: [ParameterRow<Root>], _ root: Root) {
      for row in rows {
        #expect(row.usefulRange.contains(row.defaultValue), "\(row.identifier)")
        #expect(row.range.contains(row.usefulRange.lowerBound), "\(row.identifier)")
        #expect(row.range.contains(row.usefulRange.upperBound), "\(row.identifier)")
        #expect(row.step > 0 && !row.label.isEmpty)
        #expect(root[keyPath: row.keyPath] == row.defaultValue)
      }
      #expect(Set(rows.map(\.identifier)).count == rows.count)
      #expect(Set(rows.map(\.keyPath)).count == rows.count)
    }
    check(Light.parameters, Light())
    check(Material.parameters, Material())
    check(EnvironmentSettings.parameters, EnvironmentSettings())
    check(Look.parameters, Look())
  }

  @Test("material arguments name unknown keys and wrong values")
  func materialArguments() throws {
    var material = Material()
    try material.apply(parsing: "roughness=0.4,ao=0.5")
    #expect(material.roughness == 0.4 && material.aoStrength == 0.5)
    #expect(
      throws: ShadingError.invalidValue(
        key: "roughness", value: "2", expected: .number(range: 0.1...1, unit: ""))
    ) { try material.apply(parsing: "roughness=2") }
    #expect(throws: ShadingError.self) { try material.apply(parsing: "shine=1") }
  }
}
