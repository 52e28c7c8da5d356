import ArgumentParser
import Foundation
import Imaging
import RenderPasses
import StudioRuntime

/// `chiaro evaluate`: predicted passes against true ones.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Compare predicted passes with their ground truth.",
    discussion: """
      Both folders hold one pass folder or passes .exr per subject, by the same names, or are a pass \
      folder themselves. Figures are over the skin matte of the truth, their means by the tone of its \
      albedo: dark up to a luminance of 0.14, medium up to 0.30, light above.
      """)

  @Option(help: "The folder of the ground truth.")
  var truth: String

  @Option(help: "The folder of the predictions.")
  var predicted: String

  @Option(help: "Write the angle between the normals per subject here, black 0° to white 45°.")
  var heatMaps: String?

  @Flag(help: "Print JSON.")
  var json = false

  private struct Subject: Encodable {
    let name: String
    let tone: SkinTone
    let scores: [PassScore]
  }

  private struct Report: Encodable {
    let subjects: [Subject]
    let means: [Mean]
  }

  private struct Mean: Encodable {
    let pass: PassKind
    let name: String
    let all: Double
    let byTone: [String: Double]
  }

  func run() throws {
    try CommandOutput.reportingErrors {
      let names = try Self.subjects(in: truth)
      guard !names.isEmpty else { throw PassError.missingPass(.albedo) }
      var subjects: [Subject] = []
      for name in names {
        do {
          if let subject = try evaluate(name) { subjects.append(subject) }
        } catch {
          let title = name.isEmpty ? predicted : name
          CommandOutput.message("\(title): \(ErrorSentences.sentence(for: error))")
        }
      }
      if subjects.isEmpty { throw CommandOutput.nothingDone }
      let means = Self.means(of: subjects)
      if json {
        try CommandOutput.json(Report(subjects: subjects, means: means))
      } else {
        Self.printTable(means, subjects)
      }
      if subjects.count < names.count { throw CommandOutput.someFailed }
    }
  }

  /// The names of the subjects; one empty name for a folder that is a subject itself.
  private static func subjects(in folder: String) throws -> [String] {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    if names.contains(PassFolder.manifestName) || names.contains("albedo.png") { return [""] }
    return names.filter { name in
      var isFolder: ObjCBool = false
      let exists = FileManager.default.fileExists(
        atPath: "\(folder)/\(name)", isDirectory: &isFolder)
      return exists && !name.hasPrefix(".") && (isFolder.boolValue || name.hasSuffix(".exr"))
    }
  }

  private static func stack(_ name: String, in folder: String) throws -> PassStack {
    if name.isEmpty { return try PassFolder.read(folder).0 }
    let path = "\(folder)/\((name as NSString).deletingPathExtension)"
    if FileManager.default.fileExists(atPath: path + ".exr") {
      return try PassEXR.read(path + ".exr").0
    }
    return try PassFolder.read(path).0
  }

  private func evaluate(_ name: String) throws -> Subject? {
    let title = name.isEmpty ? (truth as NSString).lastPathComponent : name
    let expected = try Self.stack(name, in: truth)
    let found = try Self.stack(name, in: predicted)
    guard let tone = PassEvaluation.tone(of: expected) else {
      CommandOutput.message("\(title): its skin matte covers nothing")
      return nil
    }
    if let heatMaps {
      var map = PassEvaluation.normalErrors(found, truth: expected)
      for index in map.samples.indices { map.samples[index] = min(map.samples[index] / 45, 1) }
      try FileManager.default.createDirectory(atPath: heatMaps, withIntermediateDirectories: true)
      let file = (title as NSString).deletingPathExtension + "-normal.png"
      try ImageFile.write(map, to: "\(heatMaps)/\(file)")
    }
    return Subject(
      name: title, tone: tone, scores: PassEvaluation.scores(found, truth: expected))
  }

  private static func means(of subjects: [Subject]) -> [Mean] {
    func mean(_ index: Int, _ chosen: [Subject]) -> Double {
      chosen.map { $0.scores[index].value }.reduce(0, +) / Double(chosen.count)
    }
    return subjects[0].scores.enumerated().map { index, score in
      var byTone: [String: Double] = [:]
      for tone in SkinTone.allCases {
        let chosen = subjects.filter { $0.tone == tone }
        if !chosen.isEmpty { byTone[tone.rawValue] = mean(index, chosen) }
      }
      return Mean(
        pass: score.pass, name: score.name, all: mean(index, subjects), byTone: byTone)
    }
  }

  private static func printTable(_ means: [Mean], _ subjects: [Subject]) {
    func row(_ title: String, _ cells: [String]) {
      let padded = cells.map { String(repeating: " ", count: max(0, 10 - $0.count)) + $0 }
      print(title.padding(toLength: 32, withPad: " ", startingAt: 0) + padded.joined())
    }
    let tones = SkinTone.allCases.filter { tone in subjects.contains { $0.tone == tone } }
    row("", ["all"] + tones.map(\.rawValue))
    row(
      "subjects",
      ["\(subjects.count)"] + tones.map { tone in "\(subjects.count { $0.tone == tone })" })
    func text(_ value: Double?) -> String { value.map { String(format: "%.4f", $0) } ?? "–" }
    for mean in means {
      row(
        "\(mean.pass.title), \(mean.name)",
        [text(mean.all)] + tones.map { text(mean.byTone[$0.rawValue]) })
    }
  }
}
