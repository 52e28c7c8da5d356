import Shading
import StudioFiles
import TestSupport
import Testing

@Suite struct LookFileTests {
  @Test("a look comes back from its text", arguments: 0..<50)
  func roundTrip(seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed))
    let look = randomLook(&random)
    let text = LookFile.text(of: look)
    #expect(try LookFile.parse(text, path: "look.toml") == look, "seed \(seed)\n\(text)")
  }

  @Test("a rig comes back from its text", arguments: 0..<20)
  func rigRoundTrip(seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed))
    let rig = randomLook(&random).rig
    #expect(try RigFile.parse(RigFile.text(of: rig), path: "rig.toml") == rig)
  }

  @Test("a rig file is a look with that rig and default materials")
  func rigAsLook() throws {
    let text = """
      name = "Side"
      [[light]]
      name = "key"
      azimuth = 90
      """
    let look = try LookFile.parse(text, path: "side.toml")
    #expect(look.rig.name == "Side")
    #expect(look.rig.lights.map(\.azimuthDegrees) == [90])
    #expect(look.material == Material())
  }

  @Test("an empty file is the default look")
  func empty() throws {
    #expect(try LookFile.parse("", path: "empty.toml") == Look())
  }

  @Test("a value out of range is named with file, line, key and value")
  func outOfRange() {
    let text = """
      name = "Bad"

      [[light]]
      name = "key"

      [[light]]
      azimuth = 30
      elevation = 400  # straight up and beyond
      """
    let error = #expect(throws: StudioFilesError.self) {
      try LookFile.parse(text, path: "bad.toml")
    }
    guard case .invalidValue(let path, let line, let key, let expected, let found)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(path == "bad.toml")
    #expect(line == 8)
    #expect(key == "light.2.elevation")
    #expect(expected.contains("-90"))
    #expect(found == "400")
  }

  @Test("a value of the wrong kind is named")
  func wrongKind() {
    let text = "[material]\nroughness = \"rough\"\n"
    let error = #expect(throws: StudioFilesError.self) {
      try LookFile.parse(text, path: "bad.toml")
    }
    #expect(
      error
        == .invalidValue(
          path: "bad.toml", line: 2, key: "material.roughness", expected: "a number",
          found: "\"rough\""))
  }

  @Test("a misspelt key is named with its line")
  func misspelt() {
    let error = #expect(throws: StudioFilesError.self) {
      try LookFile.parse("exposure = 1\n[material]\nrougness = 0.4\n", path: "bad.toml")
    }
    guard case .invalidValue(_, let line, let key, let expected, let found)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(line == 3)
    #expect(key == "material.rougness")
    #expect(expected.contains("roughness"))
    #expect(found == "0.4")
  }

  @Test(
    "text that is no TOML is named with its line",
    arguments: [
      ("exposure = = 1", 1), ("exposure = 1\n[material\n", 2), ("a = 1\na = 2\n", 2),
    ])
  func malformed(text: String, line: Int) {
    let error = #expect(throws: StudioFilesError.self) {
      try LookFile.parse(text, path: "bad.toml")
    }
    guard case .malformed("bad.toml", let found, let reason)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(found == line)
    #expect(!reason.isEmpty)
  }

  @Test("a missing file, a folder and bytes that are no text say so")
  func unreadable() throws {
    #expect(
      throws: StudioFilesError.unreadable(
        path: "/nonexistent/look.toml", reason: "there is no such file")
    ) { try LookFile.read("/nonexistent/look.toml") }
    #expect(throws: StudioFilesError.unreadable(path: "/", reason: "it is a folder")) {
      try LookFile.read("/")
    }
  }

  @Test("every bundled rig reads, has lights and names an environment")
  func bundledRigs() throws {
    let rigs = try Repository.assets.rigs()
    #expect(rigs.count >= 8)
    for rig in rigs {
      #expect(!rig.lights.isEmpty, "\(rig.name)")
      #expect(!rig.environment.name.isEmpty, "\(rig.name)")
      #expect(try LookFile.parse(LookFile.text(of: Look(rig: rig)), path: rig.name).rig == rig)
    }
  }

  private func randomLook(_ random: inout SeededGenerator) -> Look {
    func fill<Root>(_ rows: [ParameterRow<Root>], _ root: inout Root) {
      for row in rows {
        root[keyPath: row.keyPath] = Float.random(in: row.range, using: &random)
      }
    }
    let lights = (0..<Int.random(in: 0...4, using: &random)).map { index in
      var light = Light(id: index, name: ["key", "fül \"2\"", "rim, warm", "'"][index])
      fill(Light.parameters, &light)
      light.isOn = Bool.random(using: &random)
      light.isSolo = Bool.random(using: &random)
      light.castsShadow = Bool.random(using: &random)
      return light
    }
    var environment = EnvironmentSettings(name: "overcast")
    fill(EnvironmentSettings.parameters, &environment)
    environment.isFlipped = Bool.random(using: &random)
    var look = Look(
      rig: LightRig(
        name: "random", frame: Bool.random(using: &random) ? .head : .camera, lights: lights,
        environment: environment))
    fill(Look.parameters, &look)
    fill(Material.parameters, &look.material)
    look.toneMap = ToneMap.allCases.randomElement(using: &random) ?? .standard
    return look
  }
}
