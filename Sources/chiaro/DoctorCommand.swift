import ArgumentParser
import Decomposition
import FaceAlignment
import Foundation
import NeuralRuntime
import StudioFiles
import StudioRuntime
import TerminalCells
import TerminalGraphics

/// `chiaro doctor`: whether everything the program needs is there, and what to do if not.
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Check terminal, protocol, CPU, weights and libraries.")

  @Flag(help: "Print JSON.")
  var json = false

  /// One thing that was looked at.
  private struct Finding: Encodable {
    var subject: String
    var isGood: Bool
    var text: String
  }

  func run() throws {
    let findings = [assets(), weights(), landmarks(), cache(), processor()] + terminal()
    if json {
      try CommandOutput.json(findings)
    } else {
      for finding in findings {
        print("\(finding.isGood ? "✔" : "✘") \(finding.subject): \(finding.text)")
      }
    }
    // The terminal only matters to the studio; the others stop everything.
    if !findings.prefix(2).allSatisfy(\.isGood) { throw CommandOutput.nothingDone }
  }

  private func assets() -> Finding {
    do {
      let root = try ProgramEnvironment().assets.root
      return Finding(subject: "assets", isGood: true, text: root)
    } catch {
      return Finding(
        subject: "assets", isGood: false, text: ErrorSentences.sentence(for: error))
    }
  }

  private func weights() -> Finding {
    do {
      let models = try ModelBundle(directory: ProgramEnvironment().modelsPath)
      let sides = [
        models.maginet.configuration.resolution, models.refinement.configuration.resolution,
        models.translator.configuration.resolution,
      ]
      let digests = models.digests.sorted { $0.key < $1.key }
        .map { "\($0.key) \($0.value.prefix(12))" }
      return Finding(
        subject: "weights", isGood: true,
        text: "\(digests.joined(separator: ", ")); they run at "
          + sides.map { "\($0)×\($0)" }.joined(separator: ", "))
    } catch {
      return Finding(
        subject: "weights", isGood: false, text: ErrorSentences.sentence(for: error))
    }
  }

  private func landmarks() -> Finding {
    guard let path = FaceDetector.landmarkModelPath() else {
      return Finding(
        subject: "landmarks", isGood: false,
        text: "no landmark model; faces are framed by the detector's box, less exactly. "
          + "Install libdlib-data")
    }
    return Finding(subject: "landmarks", isGood: true, text: path)
  }

  private func cache() -> Finding {
    guard let program = try? ProgramEnvironment() else {
      return Finding(subject: "cache", isGood: false, text: "not looked for without assets")
    }
    let cache = program.cache
    let (count, bytes) = cache.usage
    let environments = program.environmentCache.usage
    return Finding(
      subject: "cache", isGood: true,
      text: "\(cache.folder), \(count) files of \(bytes >> 20) MB in all, at most "
        + "\(cache.capacity >> 20) MB; \(environments.count) prepared environments of "
        + "\(environments.bytes >> 10) kB")
  }

  private func processor() -> Finding {
    let description = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    func field(_ name: String) -> String {
      let line = description.split(separator: "\n").first { $0.hasPrefix(name) }
      let value = line?.split(separator: ":", maxSplits: 1).last ?? "unknown"
      return value.trimmingCharacters(in: .whitespaces)
    }
    let flags = Set(field("flags").split(separator: " ").map(String.init))
    let sets = ["avx2", "avx512f", "avx512_bf16", "amx_bf16"].filter { flags.contains($0) }
    let threads = Threads().count
    return Finding(
      subject: "processor", isGood: true,
      text: "\(field("model name")), \(threads) threads, "
        + (sets.isEmpty ? "no AVX2: slow" : sets.joined(separator: " ")))
  }

  private func terminal() -> [Finding] {
    guard isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1 else {
      return [
        Finding(
          subject: "terminal", isGood: false,
          text: "input or output is not a terminal; the studio needs one")
      ]
    }
    let environment = TerminalEnvironment(variables: ProcessInfo.processInfo.environment)
    let report = TerminalReport(
      TerminalProbe.capabilities(environment: environment), environment: environment,
      screen: .ofStandardOutput)
    return report.findings.map {
      Finding(subject: $0.subject, isGood: $0.isGood, text: $0.text)
    }
  }
}
