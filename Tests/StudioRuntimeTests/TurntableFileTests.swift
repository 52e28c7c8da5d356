import Foundation
import Imaging
import Shading
import Studio
import StudioRuntime
import Testing

@Suite struct TurntableFileTests {
  /// Saves a round of four pictures and returns what was posted about it.
  private func save(
    _ ball: Ball, _ path: String, sheet: Bool = false
  ) throws -> [StudioAction] {
    let runner = ball.runner()
    runner.perform(.openPortrait(OpenRequest(generation: 1, path: ball.passes, framing: "auto")))
    var look = Look()
    look.rig.environment.isOn = false
    let turntable = Turntable(light: look.rig.lights[0].id, frames: 4)
    var posted: [StudioAction] = []
    var isOpen = false
    for _ in 0..<4000 {
      for action in runner.mailbox.drain() {
        posted.append(action)
        if case .decompositionFinished = action, !isOpen {
          isOpen = true
          runner.perform(
            .save(
              SaveRequest(
                path: path,
                content: sheet ? .contactSheet(look, turntable) : .turntable(look, turntable))))
        }
        switch action {
        case .saved, .saveFailed, .saveWouldReplace: return posted
        default: break
        }
      }
      Thread.sleep(forTimeInterval: 0.005)
    }
    return posted
  }

  @Test("an animation is a PNG of as many frames, whose first any program shows")
  func animation() throws {
    let ball = try Ball()
    defer { ball.remove() }
    let path = ball.folder + "/round.png"
    let posted = try save(ball, path)
    #expect(posted.last == .saved(path: path, look: nil))
    #expect(posted.contains(.saveProgress(path: path, fraction: 0.5)))
    let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    // Chunk by chunk: length, name, data, check.
    var names: [String] = []
    var sequence: [UInt32] = []
    var position = 8
    while position < bytes.count {
      let length = bytes[position..<position + 4].reduce(0) { $0 << 8 | Int($1) }
      let name = String(decoding: bytes[position + 4..<position + 8], as: UTF8.self)
      names.append(name)
      if name == "fcTL" || name == "fdAT" {
        sequence.append(bytes[position + 8..<position + 12].reduce(0) { $0 << 8 | UInt32($1) })
      }
      position += length + 12
    }
    #expect(position == bytes.count)
    #expect(names.first == "IHDR" && names.last == "IEND")
    #expect(names.count { $0 == "acTL" } == 1)
    #expect(names.count { $0 == "fcTL" } == 4)
    #expect(sequence == (0..<UInt32(sequence.count)).map { $0 })
    // libpng checks every check sum of what it reads.
    let first = try ImageFile.readPhotograph(at: path).image
    #expect(first.width == Ball.side && first.height == Ball.side)
  }

  @Test("without a suffix a round is a folder of pictures, which differ")
  func folder() throws {
    let ball = try Ball()
    defer { ball.remove() }
    let path = ball.folder + "/round"
    #expect(try save(ball, path).last == .saved(path: path, look: nil))
    let names = try FileManager.default.contentsOfDirectory(atPath: path).sorted()
    #expect(names == ["000.png", "001.png", "002.png", "003.png"])
    let pictures = try names.map { try ImageFile.readPhotograph(at: "\(path)/\($0)").image }
    #expect(pictures[0] != pictures[1] && pictures[1] != pictures[2])
    guard case .saveWouldReplace? = try save(ball, path).last else {
      Issue.record("the folder was written over")
      return
    }
  }

  @Test("a contact sheet holds every picture in its place")
  func sheet() throws {
    let ball = try Ball()
    defer { ball.remove() }
    let path = ball.folder + "/sheet.png"
    #expect(try save(ball, path, sheet: true).last == .saved(path: path, look: nil))
    let sheet = try ImageFile.readPhotograph(at: path).image
    #expect(sheet.height == 256 || sheet.height == Ball.side)
    #expect(sheet.width == 6 * sheet.height)
    // Four pictures, then two empty places.
    let last = sheet.cropped(
      x: 4 * sheet.height, y: 0, width: 2 * sheet.height, height: sheet.height)
    #expect(last.samples.allSatisfy { $0 == 0 })
    #expect(
      sheet.cropped(x: 0, y: 0, width: sheet.height, height: sheet.height).samples.contains {
        $0 > 0.2
      })
  }
}
