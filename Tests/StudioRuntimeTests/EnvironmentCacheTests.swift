import Foundation
import Imaging
import Shading
import StudioFiles
import StudioRuntime
import TestSupport
import Testing

@Suite struct EnvironmentCacheTests {
  private let folder = NSTemporaryDirectory() + "chiaro-environments-" + UUID().uuidString
  private var cache: EnvironmentCache { EnvironmentCache(folder: folder + "/cache") }

  private func remove() { try? FileManager.default.removeItem(atPath: folder) }

  /// A picture with a lamp in it, as a file.
  private func picture(width: Int = 40, lampColumn: Int = 29) throws -> String {
    var image = Image(
      width: width, height: width / 2, channels: 3, encoding: .linear, repeating: 0.2)
    let scale = width / 40
    for channel in 0..<3 {
      for y in 6 * scale..<7 * scale {
        for x in lampColumn * scale..<(lampColumn + 1) * scale {
          image[channel, x, y] = 90 + Float(channel)
        }
      }
    }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let path = folder + "/\(width)-\(lampColumn).exr"
    try ImageFile.write(image, to: path)
    return path
  }

  private func library(isCached: Bool = true) -> EnvironmentLibrary {
    EnvironmentLibrary(
      assets: AssetFolder(root: folder, userFolder: folder), cache: isCached ? cache : nil)
  }

  private func entries() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder + "/cache")
      .map { "\(folder)/cache/\($0)" }
  }

  private func expectEqual(_ found: EnvironmentMap, _ expected: EnvironmentMap) {
    #expect(found.lamps == expected.lamps && !found.lamps.isEmpty)
    #expect(found.diffuse == expected.diffuse && found.gain == expected.gain)
    for roughness: Float in [0.05, 0.2, 0.5, 1] {
      for (x, y) in [(0, 1), (0.6, 0.3), (-0.9, -0.2)] as [(Float, Float)] {
        let direction = SIMD3(x, y, 0.4) / (x * x + y * y + 0.16).squareRoot()
        #expect(
          found.reflection(direction, roughness: roughness)
            == expected.reflection(direction, roughness: roughness))
      }
    }
  }

  @Test("a second program finds the map that the first one made", arguments: [40, 1000])
  func roundTrip(width: Int) throws {
    defer { remove() }
    let path = try picture(width: width)
    let expected = try library(isCached: false).map(named: path)
    #expect(!FileManager.default.fileExists(atPath: folder + "/cache"))
    expectEqual(try library().map(named: path), expected)
    #expect(cache.usage.count == 1)
    let key = EnvironmentCache.key(picture: Array(try Data(contentsOf: URL(fileURLWithPath: path))))
    expectEqual(try #require(cache.map(for: key)), expected)
    expectEqual(try library().map(named: path), expected)
    #expect(cache.usage.count == 1)
  }

  @Test("another picture under the same name has another map")
  func content() throws {
    defer { remove() }
    let path = try picture()
    let first = try library().map(named: path)
    try FileManager.default.removeItem(atPath: path)
    try FileManager.default.moveItem(atPath: try picture(lampColumn: 8), toPath: path)
    let second = try library().map(named: path)
    #expect(first.lamps != second.lamps)
    #expect(cache.usage.count == 2)
  }

  @Test("a damaged entry counts as absent", arguments: [0, 50, 5000, -1])
  func damage(bytes: Int) throws {
    defer { remove() }
    let path = try picture()
    let expected = try library().map(named: path)
    let entry = try #require(try entries().first)
    var damaged = try Data(contentsOf: URL(fileURLWithPath: entry))
    // A flipped bit in the middle, or an end that is missing.
    if bytes < 0 { damaged[damaged.count / 2] ^= 4 } else { damaged = damaged.prefix(bytes) }
    try damaged.write(to: URL(fileURLWithPath: entry))
    let key = EnvironmentCache.key(picture: Array(try Data(contentsOf: URL(fileURLWithPath: path))))
    #expect(cache.map(for: key) == nil)
    #expect(!FileManager.default.fileExists(atPath: entry))
    expectEqual(try library().map(named: path), expected)
  }

  @Test("several writers leave one whole entry")
  func writers() throws {
    defer { remove() }
    let path = try picture()
    let expected = try library(isCached: false).map(named: path)
    DispatchQueue.concurrentPerform(iterations: 8) { _ in _ = try? library().map(named: path) }
    #expect(try entries().count == 1)
    expectEqual(try library().map(named: path), expected)
  }

  @Test("the cache stays within its capacity")
  func capacity() throws {
    defer { remove() }
    for column in [4, 12, 20] {
      let map = try library(isCached: false).map(named: try picture(lampColumn: column))
      EnvironmentCache(folder: folder + "/cache", capacity: 250_000).store(map, for: "\(column)")
    }
    #expect(cache.usage.count == 2 && cache.usage.bytes <= 250_000)
    #expect(cache.map(for: "20") != nil)
  }
}
