import Dispatch
import FaceAlignment
import Foundation
import Imaging
import RenderPasses
import StudioRuntime
import Synchronization
import TestSupport
import Testing

@Suite struct DecompositionCacheTests {
  private let folder = NSTemporaryDirectory() + "chiaro-cache-" + UUID().uuidString
  private let manifest = PassManifest(
    crop: .init(centerX: 4, centerY: 5, size: 6, angleDegrees: 7), sourceDigest: "ab")

  private func remove() { try? FileManager.default.removeItem(atPath: folder) }

  private func age(_ key: String, seconds: TimeInterval) throws {
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSinceNow: -seconds)],
      ofItemAtPath: "\(folder)/\(key).exr")
  }

  @Test("passes come back as they were, under their key alone")
  func roundTrip() throws {
    defer { remove() }
    let cache = DecompositionCache(folder: folder)
    let stack = try BallPasses.stack(side: 20, radius: 0.9)
    #expect(cache.passes(for: "a") == nil)
    cache.store(stack, manifest, for: "a")
    let (found, foundManifest) = try #require(cache.passes(for: "a"))
    #expect(found == stack && foundManifest == manifest)
    #expect(cache.passes(for: "b") == nil)
    #expect(cache.usage.count == 1 && cache.usage.bytes > 14 * 4 * 400)
  }

  @Test("a first look lies beside the passes and is found without them")
  func impression() throws {
    defer { remove() }
    let cache = DecompositionCache(folder: folder)
    let stack = try BallPasses.stack(side: 20, radius: 0.9)
    let impression = FirstImpression(
      stack: stack, portrait: stack.albedo, photograph: ImageExtent(width: 70, height: 50))
    cache.store(stack, manifest, for: "a")
    // Of passes alone there is none.
    #expect(cache.impression(for: "a") == nil)
    cache.store(impression, for: "a")
    cache.store(impression, for: "b")
    let found = try #require(cache.impression(for: "a"))
    #expect(found.photograph == impression.photograph)
    #expect(found.stack.width == 20 && found.portrait.extent == stack.albedo.extent)
    for (read, written) in zip(found.portrait.samples, stack.albedo.samples) {
      #expect(abs(read - written) <= written / 1024)
    }
    #expect(cache.passes(for: "a")?.0 == stack && cache.passes(for: "b") == nil)
    #expect(cache.impression(for: "b") != nil && cache.usage.count == 3)
  }

  @Test("a damaged first look counts as absent and is removed", arguments: [true, false])
  func damagedImpression(isCut: Bool) throws {
    defer { remove() }
    let cache = DecompositionCache(folder: folder)
    let stack = try BallPasses.stack(side: 20, radius: 0.9)
    cache.store(
      FirstImpression(
        stack: stack, portrait: stack.albedo, photograph: ImageExtent(width: 70, height: 50)),
      for: "a")
    let name = try #require(try FileManager.default.contentsOfDirectory(atPath: folder).first)
    let path = "\(folder)/\(name)"
    if isCut {
      let whole = try #require(FileManager.default.contents(atPath: path))
      try whole.prefix(whole.count - 7).write(to: URL(fileURLWithPath: path))
    } else {
      // Whole, but without the picture.
      try PassEXR.write(stack, manifest, to: path, storage: .exact)
    }
    #expect(cache.impression(for: "a") == nil)
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test("what was used longest ago gives way, never what has just come")
  func capacity() throws {
    defer { remove() }
    let stack = try BallPasses.stack(side: 20, radius: 0.9)
    let unlimited = DecompositionCache(folder: folder)
    for (key, seconds) in [("a", 300.0), ("b", 200), ("c", 100)] {
      unlimited.store(stack, manifest, for: key)
      try age(key, seconds: seconds)
    }
    // Use makes young.
    #expect(unlimited.passes(for: "a") != nil)
    let size = unlimited.usage.bytes / 3
    let cache = DecompositionCache(folder: folder, capacity: 2 * size)
    cache.store(stack, manifest, for: "d")
    #expect(["a", "b", "c", "d"].filter { cache.passes(for: $0) != nil } == ["a", "d"])
    DecompositionCache(folder: folder, capacity: 1).store(stack, manifest, for: "e")
    #expect(["a", "d", "e"].filter { cache.passes(for: $0) != nil } == ["e"])
  }

  @Test("a damaged entry counts as absent and is removed", arguments: [0, 100, 5000])
  func damage(bytes: Int) throws {
    defer { remove() }
    let cache = DecompositionCache(folder: folder)
    cache.store(try BallPasses.stack(side: 20, radius: 0.9), manifest, for: "a")
    let path = "\(folder)/a.exr"
    let whole = try #require(FileManager.default.contents(atPath: path))
    try whole.prefix(bytes).write(to: URL(fileURLWithPath: path))
    #expect(cache.passes(for: "a") == nil)
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test("writers and readers at once leave whole entries, also where there is no room for all")
  func concurrency() throws {
    defer { remove() }
    let stacks = try [0.5, 0.9].map { try BallPasses.stack(side: 20, radius: $0) }
    let one = DecompositionCache(folder: folder)
    one.store(stacks[0], manifest, for: "a")
    let cache = DecompositionCache(folder: folder, capacity: 2 * one.usage.bytes)
    let (folder, manifest) = (folder, manifest)
    let found = Mutex(0)
    DispatchQueue.concurrentPerform(iterations: 120) { index in
      let cache = DecompositionCache(folder: folder, capacity: cache.capacity)
      let key = ["a", "b", "c"][index / 2 % 3]
      if index % 2 == 0 { return cache.store(stacks[index / 6 % 2], manifest, for: key) }
      guard let (stack, _) = cache.passes(for: key) else { return }
      found.withLock { $0 += 1 }
      #expect(stacks.contains(stack))
    }
    #expect(found.withLock { $0 } > 0)
    #expect(cache.usage.count <= 3)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder)
    #expect(names.allSatisfy { $0.hasSuffix(".exr") }, "\(names)")
    cache.store(stacks[1], manifest, for: "a")
    #expect(cache.passes(for: "a")?.0 == stacks[1])
  }

  @Test("a folder that cannot be made is no error")
  func nowhere() throws {
    let cache = DecompositionCache(folder: "/dev/null/cache")
    cache.store(try BallPasses.stack(side: 8, radius: 0.9), manifest, for: "a")
    #expect(cache.passes(for: "a") == nil && cache.usage == (0, 0))
  }

  @Test("everything that decides the passes is in the key")
  func keys() {
    func key(
      _ photograph: String = "p", _ framing: Framing = .none,
      _ weights: [String: String] = ["maginet": "1", "translator": "2"]
    ) -> String {
      DecompositionCache.key(photograph: photograph, framing: framing, weights: weights)
    }
    let square = FaceCrop(centerX: 1, centerY: 2, size: 3)
    let turned = FaceCrop(centerX: 1, centerY: 2, size: 3, angleDegrees: 0.5)
    let keys = [
      key(), key("q"), key("p", .automatic), key("p", .square(square)), key("p", .square(turned)),
      key("p", .none, ["maginet": "1", "translator": "3"]), key("p", .none, ["maginet": "1"]),
    ]
    #expect(Set(keys).count == keys.count)
    #expect(key() == key())
  }

  @Test("the folder follows the XDG base directory specification")
  func place() {
    func folder(_ environment: [String: String]) -> String {
      DecompositionCache.userFolder(environment: environment)
    }
    #expect(folder(["HOME": "/h"]) == "/h/.cache/chiaro/decompositions")
    #expect(
      folder(["HOME": "/h", "XDG_CACHE_HOME": "/c"]) == "/c/chiaro/decompositions")
    #expect(
      folder(["HOME": "/h", "XDG_CACHE_HOME": "relative"]) == "/h/.cache/chiaro/decompositions")
  }
}
