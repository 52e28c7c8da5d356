import Foundation
import Imaging
import RenderPasses
import TestSupport
import Testing

/// The commands for scripts, from passes to pictures and from a portrait to passes.
@Suite struct CommandTests {
  @Test("a light from the left brightens the left half, one from the right the right half")
  func lightSides() throws {
    let scratch = try ScratchFolder()
    try BallPasses.write(to: scratch.file("passes"))
    func relit(_ azimuth: Int) throws -> Image {
      let output = scratch.file("\(azimuth).png")
      let outcome = try Program.run([
        "relight", scratch.file("passes"), "--light", "az=\(azimuth),el=20", "-o", output,
      ])
      #expect(outcome.status == 0, "\(outcome.errors)")
      return try ImageFile.readPhotograph(at: output).image
    }
    let left = try relit(-60)
    let right = try relit(60)
    #expect(left.mean(ofLeftHalf: true) > 1.5 * left.mean(ofLeftHalf: false))
    #expect(right.mean(ofLeftHalf: false) > 1.5 * right.mean(ofLeftHalf: true))
  }

  @Test("decompose writes every pass, the mattes and the manifest; relight takes them up again")
  func decomposeBundledPortrait() throws {
    let scratch = try ScratchFolder()
    let portrait = SourceTree.root.appendingPathComponent("assets/portraits/sample.png").path
    let folder = scratch.file("passes")
    let outcome = try Program.run(["decompose", portrait, "-o", folder, "--json"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let report = try #require(
      JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    #expect(report["width"] as? Int == 1024)
    let memory = try #require(report["peakResidentMegabytes"] as? Double)
    #expect(memory > 50 && memory < 450)
    let names = PassKind.allCases.map(\.rawValue) + MatteKind.allCases.map(\.rawValue)
    let expected = (names.map { $0 + ".png" } + ["passes.json"]).sorted()
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == expected)

    let (stack, manifest) = try PassFolder.read(folder)
    #expect(manifest.weightDigests.count == 3)
    // The networks see a person in front of a background, and a face that faces the camera.
    let middle = stack.width / 2
    #expect(stack.subject[0, middle, middle] > 0.5)
    #expect(stack.skin[0, middle, middle] > 0.5)
    #expect(stack.normal[2, middle, middle] > 0.5)

    // The folder remembers its photograph, so the picture comes back whole.
    let output = scratch.file("relit.png")
    let relight = try Program.run(["relight", folder, "--rig", "rembrandt", "-o", output])
    #expect(relight.status == 0, "\(relight.errors)")
    let photograph = try ImageFile.readPhotograph(at: portrait).image
    #expect(try ImageFile.readPhotograph(at: output).image.extent == photograph.extent)
  }

  @Test("a picture seen before opens from the cache, unless the cache is not to be used")
  func cache() throws {
    let scratch = try ScratchFolder()
    let portrait = SourceTree.root.appendingPathComponent("assets/portraits/sample.png").path
    let environment = ["XDG_CACHE_HOME": scratch.file("cache")]
    func albedo(_ output: String, _ options: [String] = []) throws -> Image {
      let outcome = try Program.run(
        ["decompose", portrait, "-o", scratch.file(output)] + options, environment: environment)
      #expect(outcome.status == 0, "\(outcome.errors)")
      return try PassEXR.read(scratch.file(output)).0.albedo
    }
    let first = try albedo("first.exr")
    let folder = scratch.file("cache/chiaro/decompositions")
    let entries = try FileManager.default.contentsOfDirectory(atPath: folder)
    // One file with all of the passes, and one for a first look.
    let entry = "\(folder)/\(try #require(entries.first { !$0.hasSuffix("-small.exr") }))"
    #expect(entries.count == 2)

    // What is put in place of the entry comes out instead of what the networks would make.
    let (stack, manifest) = try PassEXR.read(entry)
    #expect(manifest.weightDigests.count == 3)
    var passes = Dictionary(uniqueKeysWithValues: PassKind.allCases.map { ($0, stack[$0]) })
    passes[.albedo] = Image(
      width: stack.width, height: stack.height, channels: 3, encoding: .linear, repeating: 0.25)
    try PassEXR.write(
      PassStack(passes: passes, skin: stack.skin, subject: stack.subject), manifest, to: entry,
      storage: .exact)
    #expect(try albedo("second.exr").samples.allSatisfy { $0 == 0.25 })
    #expect(try albedo("third.exr", ["--no-cache"]) == first)
  }

  @Test("evaluate compares by name, says what is missing, and prints one table")
  func evaluate() throws {
    let scratch = try ScratchFolder()
    for name in ["anna", "berta"] { try BallPasses.write(to: scratch.file("truth/\(name)")) }
    try BallPasses.write(to: scratch.file("predicted/anna"))
    func run(_ options: [String] = []) throws -> Program.Outcome {
      try Program.run(
        [
          "evaluate", "--truth", scratch.file("truth"), "--predicted", scratch.file("predicted"),
        ] + options)
    }
    let partial = try run()
    #expect(partial.status == 1)
    #expect(partial.errors.contains("berta"))
    #expect(partial.output.contains("Normal, median°"))
    try BallPasses.write(to: scratch.file("predicted/berta"))
    let whole = try run(["--json", "--heat-maps", scratch.file("maps")])
    #expect(whole.status == 0, "\(whole.errors)")
    let report = try #require(
      JSONSerialization.jsonObject(with: Data(whole.output.utf8)) as? [String: Any])
    #expect((report["subjects"] as? [Any])?.count == 2)
    let maps = try FileManager.default.contentsOfDirectory(atPath: scratch.file("maps")).sorted()
    #expect(maps == ["anna-normal.png", "berta-normal.png"])
    let nothing = try Program.run([
      "evaluate", "--truth", scratch.file("none"), "--predicted", scratch.file("predicted"),
    ])
    #expect(nothing.status == 2)
  }

  @Test(
    "everything that can be named is listed, as text and as JSON",
    arguments: [
      ("rigs", "rembrandt"), ("environments", "golden-hour"), ("materials", "roughness"),
      ("themes", "dark"), ("keys", "Save"),
    ])
  func lists(subject: String, expected: String) throws {
    let text = try Program.run(["list", subject])
    #expect(text.status == 0)
    #expect(text.output.contains(expected))
    let json = try Program.run(["list", subject, "--json"])
    let rows = try #require(
      JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [[String: String]])
    #expect(!rows.isEmpty && rows.allSatisfy { $0["name"]?.isEmpty == false })
  }

  @Test("show prints as many columns and rows of cells as asked for into a pipe")
  func showCells() throws {
    let scratch = try ScratchFolder()
    let picture = Image(width: 40, height: 20, channels: 3, encoding: .sRGB, repeating: 0.25)
    try ImageFile.write(picture, to: scratch.file("grey.png"))
    let outcome = try Program.run([
      "show", scratch.file("grey.png"), "--protocol", "cells", "--columns", "16",
    ])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let lines = outcome.output.split(separator: "\n")
    #expect(lines.count == 4)
    #expect(lines.allSatisfy { $0.contains("64;64;64") })
  }

  @Test(
    "show writes pixels into a pipe as well, and nothing else",
    arguments: ["sixel", "kitty", "iterm2"])
  func showPixels(graphics: String) throws {
    let portrait = SourceTree.root.appendingPathComponent("assets/portraits/sample.png").path
    let picture = try ImageFile.readPhotograph(at: portrait).image
    let outcome = try Program.run(["show", portrait, "--protocol", graphics, "--columns", "24"])
    #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
    let bytes = Array(outcome.output.utf8)
    #expect(bytes.first == 0x1B && bytes.last == UInt8(ascii: "\n"))
    let shown: DisplayImage? =
      switch graphics {
      case "sixel": DecodedSixel(bytes)?.image
      case "kitty": KittyCommand.image(in: KittyCommand.all(in: bytes))
      default: InlineImage(bytes)?.image
      }
    let image = try #require(shown)
    // Cells are taken for 10×20 pixels where nobody can be asked; sixels come in bands of six.
    #expect(image.width == 240 && image.height == 240)
    let expected = picture.resized(width: 240, height: 240)
    let squares = zip(image.image.samples, expected.samples).reduce(0.0) {
      $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1)
    }
    #expect(-10 * log10(squares / Double(expected.samples.count)) >= 36)
  }

  @Test(
    "show draws with the characters asked for",
    arguments: [("half", "\u{2580}"), ("quadrants", "\u{2598}"), ("best", "\u{2583}")])
  func showSymbols(symbols: String, example: Character) throws {
    let portrait = SourceTree.root.appendingPathComponent("assets/portraits/sample.png").path
    let outcome = try Program.run(["show", portrait, "--symbols", symbols, "--columns", "60"])
    #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
    #expect(outcome.output.contains(example))
    let wrong = try Program.run(["show", portrait, "--symbols", "runes"])
    #expect(wrong.status != 0 && wrong.errors.contains("sextants"))
  }

  @Test("doctor finds weights and assets in order")
  func doctor() throws {
    let outcome = try Program.run(["doctor", "--json"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let findings = try #require(
      JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [[String: Any]])
    let subjects = findings.compactMap { $0["subject"] as? String }
    #expect(subjects.contains("weights") && subjects.contains("terminal"))
  }
}
