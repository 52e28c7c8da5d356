import Foundation
import Imaging
import TerminalCells
import TerminalGraphics
import TestSupport

extension Suite {
  /// The encoders beside img2sixel (libsixel) and chafa, where these are installed, and notcurses'
  /// sixels as far as they are described (`OctreeSixels`). Its pictures of cells are left out: they
  /// pass through its own comparison of whole screens, of which there is no description to go by.
  ///
  /// The peers encode many pictures in one process; the time of one picture is what a picture more
  /// takes, so that starting them does not count. Turns are taken, processor time is compared.
  static let peers = Suite(name: "peers") { recorder, assets in
    let frames = try movingLight(assets: assets, count: 8)
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("chiaro-peers-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let files = try frames.enumerated().map { index, frame in
      let file = folder.appendingPathComponent("\(index).ppm")
      try Data("P6\n\(frame.width) \(frame.height)\n255\n".utf8 + frame.bytes).write(to: file)
      let picture = folder.appendingPathComponent("\(index).png").path
      try ImageFile.write(frame.image, to: picture, bitDepth: 8)
      return (raw: file.path, png: picture)
    }

    try compareSixels(recorder, frames: frames, files: files.map(\.raw))
    try compareCells(recorder, frames: frames, files: files.map(\.png))
  }

  private static func compareSixels(
    _ recorder: Recorder, frames: [DisplayImage], files: [String]
  ) throws {
    let libsixel = Peer(["img2sixel"])
    // A cell is eight pixels each way where chafa is not told otherwise.
    let chafa = Peer(["chafa", "-f", "sixel", "-s", "60x60", "--font-ratio", "1"])
    var times: (own: [Double], libsixel: [Double], chafa: [Double], octree: [Double]) = (
      [], [], [], []
    )
    var encoder = SixelEncoder()
    for _ in 0..<9 {
      times.own.append(processorTime { for frame in frames { _ = encoder.encode(frame) } } / 8)
      times.octree.append(
        processorTime { for frame in frames { _ = OctreeSixels.encode(frame) } } / 8)
      if let time = try libsixel.timePerFile(files) { times.libsixel.append(time) }
      if let time = try chafa.timePerFile(files) { times.chafa.append(time) }
    }
    var fresh = SixelEncoder()
    try recorder.quality("sixel, settled, new palette", frames[0], fresh.encode(frames[0]))
    try recorder.quality("sixel, settled, kept palette", frames[0], encoder.encode(frames[0]))
    let moving = encoder.encode(frames[0], quality: FrameDetail.moving[0].quality)
    try recorder.quality("sixel, moving", frames[0], moving)
    recorder.figure("sixel: processor time", times.own.quantile(0.5), unit: "ms")
    recorder.figure(
      "notcurses' sixels, reproduced: processor time", times.octree.quantile(0.5), unit: "ms")
    try recorder.quality(
      "notcurses' sixels, reproduced", frames[0], OctreeSixels.encode(frames[0]))
    recorder.figure(
      "sixel: times faster than notcurses' way",
      times.octree.quantile(0.5) / times.own.quantile(0.5),
      unit: "×")
    if !times.chafa.isEmpty, let output = try chafa.output([files[0]]) {
      recorder.figure("chafa's sixels: processor time", times.chafa.quantile(0.5), unit: "ms")
      recorder.figure("chafa's sixels: bytes", Double(output.count) / 1000, unit: "kB")
    }
    guard !times.libsixel.isEmpty, let output = try libsixel.output([files[0]]) else { return }
    recorder.figure("img2sixel: processor time", times.libsixel.quantile(0.5), unit: "ms")
    try recorder.quality("img2sixel", frames[0], output)
    recorder.figure(
      "sixel: times faster than img2sixel", times.libsixel.quantile(0.5) / times.own.quantile(0.5),
      unit: "×", goal: .atLeast(4))
    recorder.figure(
      "sixel: bytes while moving, of img2sixel's", Double(moving.count) / Double(output.count),
      unit: "×", goal: .atMost(1))
  }

  private static func compareCells(
    _ recorder: Recorder, frames: [DisplayImage], files: [String]
  ) throws {
    var own: [Double] = []
    var peer: [Double] = []
    let chafa = Peer(["chafa", "-f", "symbols", "-c", "full", "-s", "100x50", "--symbols", "vhalf"])
    let encoder = CellPictureEncoder(depth: .trueColor, symbols: .half)
    for _ in 0..<9 {
      own.append(
        processorTime { for frame in frames { _ = encoder.lines(frame, columns: 100, rows: 50) } }
          / 8)
      if let time = try chafa.timePerFile(files) { peer.append(time) }
    }
    recorder.figure("half blocks 100×50: processor time", own.quantile(0.5), unit: "ms")
    guard !peer.isEmpty else { return }
    recorder.figure("chafa 100×50: processor time", peer.quantile(0.5), unit: "ms")
    recorder.figure(
      "half blocks: times faster than chafa", peer.quantile(0.5) / own.quantile(0.5), unit: "×",
      goal: .atLeast(10))
  }

  /// Milliseconds of this process on the processor.
  static func processorTime(_ work: () -> Void) -> Double {
    func now() -> Double {
      var time = timespec()
      clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
      return Double(time.tv_sec) * 1e3 + Double(time.tv_nsec) / 1e6
    }
    let start = now()
    work()
    return now() - start
  }
}

/// Another program that turns picture files into terminal sequences on its standard output.
private struct Peer {
  private let command: [String]
  /// `RUSAGE_CHILDREN`, which Swift imports as another type than the function takes.
  private static let children: __rusage_who_t = -1

  init(_ command: [String]) { self.command = command }

  /// Milliseconds on the processor for a file more; nil without the program.
  func timePerFile(_ files: [String]) throws -> Double? {
    guard let one = try run([files[0]]), let all = try run(files + files) else { return nil }
    return (all.time - one.time) / Double(2 * files.count - 1)
  }

  /// What it writes.
  func output(_ files: [String]) throws -> [UInt8]? { try run(files)?.output }

  private func run(_ files: [String]) throws -> (output: [UInt8], time: Double)? {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = command + files
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    var before = rusage()
    getrusage(Self.children, &before)
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    var after = rusage()
    getrusage(Self.children, &after)
    guard process.terminationStatus == 0 else { return nil }
    return (Array(output), after.milliseconds - before.milliseconds)
  }
}

extension rusage {
  fileprivate var milliseconds: Double {
    Double(ru_utime.tv_sec + ru_stime.tv_sec) * 1e3
      + Double(ru_utime.tv_usec + ru_stime.tv_usec) / 1e3
  }
}
