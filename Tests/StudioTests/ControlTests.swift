import Shading
import Studio
import TestSupport
import Testing

@Suite struct ControlTests {
  private func scale(_ identifier: String) throws -> NumberScale {
    var look = Look()
    look.rig.lights = [Light()]
    for panel in Panel.allCases {
      for control in panel.controls(of: look) {
        if case .number(_, let scale) = control.value, "\(control.id)".contains(identifier) {
          return scale
        }
      }
    }
    throw Missing(identifier: identifier)
  }

  private struct Missing: Error { let identifier: String }

  @Test("thirds of a stop come back to where they began")
  func thirds() throws {
    let scale = try scale("picture(\"exposure\")")
    var value: Float = 0
    for _ in 0..<12 { value = scale.moved(value, bySteps: 1) }
    #expect(abs(value - 4) < 1e-5)
    for _ in 0..<12 { value = scale.moved(value, bySteps: -1) }
    #expect(value == 0)
  }

  @Test("rotation goes round and round, other scales end")
  func ends() throws {
    let rotation = try scale("rotation")
    #expect(rotation.legal(185) == -175)
    #expect(rotation.legal(-190) == 170)
    #expect(rotation.legal(180) == 180)
    let roughness = try scale("roughness")
    #expect(roughness.legal(7) == roughness.range.upperBound)
    #expect(roughness.legal(.nan) == roughness.defaultValue)
  }

  @Test("a place on a slider and its value agree")
  func shares() throws {
    let scale = try scale("specular")
    for share in stride(from: Float(0), through: 1, by: 0.125) {
      #expect(abs(scale.share(of: scale.value(atShare: share)) - share) < 0.01)
    }
  }

  @Test("values are written with unit, sign and no minus zero")
  func texts() throws {
    let exposure = try scale("picture(\"exposure\")")
    #expect(exposure.text(1.0 / 3) == "+0.3 EV")
    #expect(exposure.text(-0.01) == "0.0 EV")
    #expect(exposure.text(-2) == "−2.0 EV")
    #expect(try scale("rotation").text(-45) == "−45°")
    #expect(try scale("specular").text(1.05) == "1.05×")
    #expect(try scale("roughness").text(0.5) == "0.50")
  }

  @Test("every panel of controls lists every row of its table")
  func rows() {
    let look = Look()
    #expect(Panel.material.controls(of: look).count == Material.parameters.count)
    #expect(Panel.picture.controls(of: look).count == Look.parameters.count + 1)
    #expect(Panel.environment.controls(of: look).count == EnvironmentSettings.parameters.count + 2)
    #expect(Panel.viewport.controls(of: look).isEmpty)
  }
}
