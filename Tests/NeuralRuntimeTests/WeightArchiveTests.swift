import Foundation
import NeuralRuntime
import Testing

/// Reading safetensors files, whole and damaged.
@Suite struct WeightArchiveTests {
  /// A file in a folder of its own that goes away with the value.
  private final class TemporaryFile {
    let path: String
    private let folder: URL

    init(_ bytes: [UInt8]) throws {
      folder = FileManager.default.temporaryDirectory
        .appendingPathComponent("chiaro-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      path = folder.appendingPathComponent("weights.safetensors").path
      try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    deinit { try? FileManager.default.removeItem(at: folder) }
  }

  private func file(header: String, tensors: [UInt8]) -> [UInt8] {
    let length = UInt64(header.utf8.count)
    return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + header.utf8 + tensors
  }

  /// Two tensors: `half`, 5 halves, and `single`, 1×2 floats.
  private var good: [UInt8] {
    let header = """
      {"__metadata__":{"network":"test","sha256":"00"},\
      "half":{"dtype":"F16","shape":[5],"data_offsets":[0,10]},\
      "single":{"dtype":"F32","shape":[1,2],"data_offsets":[10,18]}}
      """
    // 1, −2, 2⁻²⁴ (the least subnormal), 65504, −0; then 0.5 and −3.
    let halves: [UInt8] = [0x00, 0x3c, 0x00, 0xc0, 0x01, 0x00, 0xff, 0x7b, 0x00, 0x80]
    return file(header: header, tensors: halves + [0, 0, 0, 0x3f, 0, 0, 0x40, 0xc0])
  }

  @Test("halves and singles are read, with metadata")
  func read() throws {
    let temporary = try TemporaryFile(good)
    let archive = try WeightArchive(path: temporary.path)
    #expect(archive.metadata["network"] == "test")
    #expect(archive.keys == ["half", "single"])
    let halves = try archive.samples("half", shape: [5])
    #expect(halves == [1, -2, 0x1p-24, 65504, 0])
    #expect(halves[4].sign == .minus)
    #expect(try archive.samples("single", shape: [1, 2]) == [0.5, -3])
  }

  @Test("every half converts as IEEE 754 says")
  func halves() {
    for bits in stride(from: UInt16(0), through: 0x7bff, by: 37) {
      let exponent = Int(bits >> 10)
      let fraction = Float(bits & 0x3ff) / 1024
      let expected =
        exponent == 0
        ? fraction * 0x1p-14
        : Float(sign: .plus, exponent: exponent - 15, significand: 1 + fraction)
      #expect(Float(halfBits: bits) == expected)
      #expect(Float(halfBits: bits | 0x8000) == -expected)
    }
    #expect(Float(halfBits: 0x7c00) == .infinity)
    #expect(Float(halfBits: 0x7e00).isNaN)
  }

  @Test("a missing tensor, another shape and unread tensors are named")
  func lookups() throws {
    let temporary = try TemporaryFile(good)
    let path = temporary.path
    let archive = try WeightArchive(path: path)
    #expect(throws: NeuralError.missingTensor(path: path, key: "a.bias")) {
      try archive.scope("a").samples("bias", shape: [1])
    }
    #expect(
      throws: NeuralError.wrongShape(path: path, key: "half", expected: [4], found: [5])
    ) {
      try archive.root.samples("half", shape: [4])
    }
    _ = try archive.samples("half", shape: [5])
    #expect(throws: NeuralError.unknownTensors(path: path, keys: ["single"])) {
      try archive.requireAllRead()
    }
  }

  @Test("a missing file is told from an unreadable one")
  func missing() throws {
    let path = FileManager.default.temporaryDirectory.path + "/no such folder/weights.safetensors"
    #expect(throws: NeuralError.missingFile(path: path)) { try WeightArchive(path: path) }
  }

  @Test("a file cut anywhere is refused")
  func truncated() throws {
    for count in stride(from: 0, to: good.count, by: 7) {
      let temporary = try TemporaryFile(Array(good.prefix(count)))
      #expect(throws: NeuralError.self, "\(count) bytes") {
        try WeightArchive(path: temporary.path)
      }
    }
    let temporary = try TemporaryFile(Array(good.dropLast(3)))
    #expect(
      throws: NeuralError.truncatedFile(
        path: temporary.path, expectedBytes: good.count, foundBytes: good.count - 3)
    ) {
      try WeightArchive(path: temporary.path)
    }
  }

  @Test(
    "headers that contradict themselves are refused",
    arguments: [
      "not JSON", "[]", #"{"a":{"dtype":"I8","shape":[4],"data_offsets":[0,4]}}"#,
      #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#,
      #"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#,
      #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#,
      #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}"#,
      #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}"#,
      #"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,4]}}"#,
      #"{"a":{"shape":[1],"data_offsets":[0,4]}}"#, "{}",
    ])
  func malformed(header: String) throws {
    let temporary = try TemporaryFile(file(header: header, tensors: [0, 0, 0, 0]))
    let error = try #require(throws: NeuralError.self) {
      try WeightArchive(path: temporary.path)
    }
    guard case .malformedFile = error else {
      Issue.record("\(error) instead of a malformed file")
      return
    }
  }

  @Test("a picture is not mistaken for weights")
  func otherFormat() throws {
    let png: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13]
    let temporary = try TemporaryFile(png)
    #expect(throws: NeuralError.self) { try WeightArchive(path: temporary.path) }
  }

  @Test("the digest covers the bytes of all tensors in the order of their keys")
  func digest() throws {
    let temporary = try TemporaryFile(good)
    let archive = try WeightArchive(path: temporary.path)
    try archive.verifyDigest { parts in
      parts.flatMap { Array($0) } == Array(good.suffix(18)) ? "00" : "other bytes"
    }
    #expect(
      throws: NeuralError.alteredFile(
        path: temporary.path, expectedDigest: "00", foundDigest: "11")
    ) {
      try archive.verifyDigest { _ in "11" }
    }
  }
}
