import Foundation

/// A safetensors file: named tensors in fp16 or fp32, with text metadata.
///
/// Opening checks the header against the file's length, so that a damaged file fails before any number is
/// used. Networks ask for tensors by key and shape; those of convolutions are decoded when their layer is
/// prepared.
public final class WeightArchive {
  /// Where the file lies.
  public let path: String
  /// The texts stored beside the tensors.
  public let metadata: [String: String]

  private struct Entry {
    let isHalf: Bool
    let shape: [Int]
    let bytes: Range<Int>
  }

  private let entries: [String: Entry]
  private let file: Data
  private var readKeys: Set<String> = []

  /// Opens the file and checks its header.
  ///
  /// - Throws: `NeuralError.missingFile`, `.unreadableFile`, `.malformedFile`, `.truncatedFile`.
  public init(path: String) throws(NeuralError) {
    guard FileManager.default.fileExists(atPath: path) else { throw .missingFile(path: path) }
    do {
      file = try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
    } catch {
      throw .unreadableFile(path: path, reason: error.localizedDescription)
    }
    self.path = path

    // 8 bytes: the header's length, little-endian; then the header, JSON; then the tensors.
    guard file.count >= 8 else {
      throw .truncatedFile(path: path, expectedBytes: 8, foundBytes: file.count)
    }
    let stated = file.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
    // The format's own limit, which also catches files of another kind.
    guard stated <= 100_000_000 else {
      throw .malformedFile(path: path, reason: "a header of \(stated) bytes")
    }
    let start = 8 + Int(stated)
    guard file.count >= start else {
      throw .truncatedFile(path: path, expectedBytes: start, foundBytes: file.count)
    }
    let header: Header
    do {
      header = try JSONDecoder().decode(Header.self, from: file[8..<start])
    } catch {
      throw .malformedFile(path: path, reason: "its header is not that of a safetensors file")
    }
    metadata = header.metadata
    entries = try Self.entries(of: header, start: start, fileBytes: file.count, path: path)
  }

  /// Every tensor's key, sorted.
  public var keys: [String] { entries.keys.sorted() }

  /// The shape of a tensor, nil when there is none of that name.
  public func shape(of key: String) -> [Int]? { entries[key]?.shape }

  /// The tensors whose keys begin with `name` and a dot.
  public func scope(_ name: String) -> WeightScope {
    WeightScope(archive: self, path: "").scope(name)
  }

  /// All tensors.
  public var root: WeightScope { WeightScope(archive: self, path: "") }

  /// The samples of a tensor, in its own order.
  ///
  /// - Throws: `NeuralError.missingTensor` or `.wrongShape`.
  public func samples(_ key: String, shape: [Int]) throws(NeuralError) -> [Float] {
    try stored(key, shape: shape).decoded()
  }

  /// The same, to be decoded later.
  ///
  /// - Throws: `NeuralError.missingTensor` or `.wrongShape`.
  func stored(_ key: String, shape: [Int]) throws(NeuralError) -> LearnedSamples {
    guard let entry = entries[key] else { throw .missingTensor(path: path, key: key) }
    guard entry.shape == shape else {
      throw .wrongShape(path: path, key: key, expected: shape, found: entry.shape)
    }
    readKeys.insert(key)
    let file = file
    return LearnedSamples(count: entry.bytes.count / (entry.isHalf ? 2 : 4)) {
      Self.decoded(entry, of: file)
    }
  }

  private static func decoded(_ entry: Entry, of file: Data) -> [Float] {
    let count = entry.bytes.count / (entry.isHalf ? 2 : 4)
    return file.withUnsafeBytes { bytes in
      let bytes = UnsafeRawBufferPointer(rebasing: bytes[entry.bytes])
      return [Float](unsafeUninitializedCapacity: count) { samples, initialized in
        // Two loops, so that each can be vectorised.
        if entry.isHalf {
          for index in 0..<count {
            samples[index] = Float(
              halfBits: bytes.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self))
          }
        } else {
          for index in 0..<count {
            samples[index] = bytes.loadUnaligned(fromByteOffset: 4 * index, as: Float.self)
          }
        }
        initialized = count
      }
    }
  }

  /// Compares the tensors with the digest in the metadata, as training/export.py defines it.
  ///
  /// That is a hash of the bytes of all tensors in the sorted order of their keys.
  ///
  /// - Parameter sha256: the hash of runs of bytes, one after the other, in hexadecimal.
  /// - Throws: `NeuralError.alteredFile` or, when the file states no digest, `.malformedFile`.
  public func verifyDigest(by sha256: ([UnsafeRawBufferPointer]) -> String) throws(NeuralError) {
    guard let expected = metadata["sha256"] else {
      throw .malformedFile(path: path, reason: "it states no sha256 of its tensors")
    }
    // Python sorts strings by code point.
    let sorted = entries.sorted {
      $0.key.unicodeScalars.lexicographicallyPrecedes($1.key.unicodeScalars)
    }
    let found = file.withUnsafeBytes { file in
      sha256(sorted.map { UnsafeRawBufferPointer(rebasing: file[$0.value.bytes]) })
    }
    guard found == expected else {
      throw .alteredFile(path: path, expectedDigest: expected, foundDigest: found)
    }
  }

  /// Makes sure that a network has read every tensor.
  ///
  /// - Throws: `NeuralError.unknownTensors` with the keys nobody asked for.
  public func requireAllRead() throws(NeuralError) {
    let unread = keys.filter { !readKeys.contains($0) }
    guard unread.isEmpty else { throw .unknownTensors(path: path, keys: unread) }
  }

  private static func entries(
    of header: Header, start: Int, fileBytes: Int, path: String
  ) throws(NeuralError) -> [String: Entry] {
    var entries: [String: Entry] = [:]
    var end = start
    for (key, tensor) in header.tensors {
      guard let sampleBytes = ["F16": 2, "F32": 4][tensor.dtype] else {
        throw .malformedFile(path: path, reason: "\(key) has samples of type \(tensor.dtype)")
      }
      var product = sampleBytes
      for length in tensor.shape {
        let (next, overflow) = product.multipliedReportingOverflow(by: length)
        guard length >= 0, !overflow else {
          throw .malformedFile(path: path, reason: "\(key) has the shape \(tensor.shape)")
        }
        product = next
      }
      let offsets = tensor.offsets
      // The second bound keeps the sums below from overflowing.
      guard offsets.count == 2, offsets[0] >= 0, offsets[1] <= Int.max / 2,
        offsets[1] - offsets[0] == product
      else {
        throw .malformedFile(
          path: path, reason: "\(key) of shape \(tensor.shape) lies at bytes \(offsets)")
      }
      entries[key] = Entry(
        isHalf: sampleBytes == 2, shape: tensor.shape,
        bytes: start + offsets[0]..<start + offsets[1])
      end = max(end, start + offsets[1])
    }
    guard end <= fileBytes else {
      throw .truncatedFile(path: path, expectedBytes: end, foundBytes: fileBytes)
    }
    guard end == fileBytes else {
      throw .malformedFile(path: path, reason: "\(fileBytes - end) bytes follow the last tensor")
    }
    return entries
  }

  /// The JSON at the beginning: one member per tensor and `__metadata__`.
  private struct Header: Decodable {
    struct Tensor: Decodable {
      let dtype: String
      let shape: [Int]
      let offsets: [Int]

      enum CodingKeys: String, CodingKey {
        case dtype, shape
        case offsets = "data_offsets"
      }
    }

    struct Key: CodingKey {
      let stringValue: String
      var intValue: Int? { nil }
      init(stringValue: String) { self.stringValue = stringValue }
      init?(intValue: Int) { nil }
    }

    var metadata: [String: String] = [:]
    var tensors: [String: Tensor] = [:]

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: Key.self)
      for key in container.allKeys {
        if key.stringValue == "__metadata__" {
          metadata = try container.decode([String: String].self, forKey: key)
        } else {
          tensors[key.stringValue] = try container.decode(Tensor.self, forKey: key)
        }
      }
    }
  }
}

/// The tensors below one point of a network, addressed by the rest of their keys.
public struct WeightScope {
  let archive: WeightArchive
  /// The keys' common beginning, without the last dot; empty for the whole file.
  public let path: String

  /// The scope of a member, such as `scope("encoder").scope("0")`.
  public func scope(_ name: String) -> WeightScope {
    WeightScope(archive: archive, path: path.isEmpty ? name : "\(path).\(name)")
  }

  /// The scope of a list's member.
  public func scope(_ index: Int) -> WeightScope { scope(String(index)) }

  /// The samples of a tensor.
  ///
  /// - Throws: `NeuralError.missingTensor` or `.wrongShape`.
  public func samples(_ name: String, shape: [Int]) throws(NeuralError) -> [Float] {
    try archive.samples(scope(name).path, shape: shape)
  }

  /// The weights of a square convolution (`weight`, `bias`).
  ///
  /// - Parameters:
  ///   - inputs: input channels.
  ///   - outputs: output channels.
  ///   - kernel: rows and columns of the kernel.
  ///   - hasBias: false for a convolution before a normalisation.
  ///   - isTransposed: true for PyTorch's order of a transposed convolution, inputs first.
  /// - Returns: the weights under the scope's path.
  /// - Throws: `NeuralError.missingTensor` or `.wrongShape`.
  public func convolution(
    inputs: Int, outputs: Int, kernel: Int, hasBias: Bool = true, isTransposed: Bool = false
  ) throws(NeuralError) -> ConvolutionWeights {
    let channels = isTransposed ? [inputs, outputs] : [outputs, inputs]
    return ConvolutionWeights(
      name: path, outputChannels: outputs, inputChannels: inputs, kernelSize: (kernel, kernel),
      samples: try archive.stored(scope("weight").path, shape: channels + [kernel, kernel]),
      bias: hasBias ? try samples("bias", shape: [outputs]) : nil)
  }

  /// The weights of an instance normalisation (`weight`, `bias`).
  ///
  /// - Throws: `NeuralError.missingTensor` or `.wrongShape`.
  public func instanceNorm(
    channels: Int, epsilon: Float
  ) throws(NeuralError) -> NormalizationWeights {
    NormalizationWeights(
      name: path, scale: try samples("weight", shape: [channels]),
      shift: try samples("bias", shape: [channels]), epsilon: epsilon)
  }
}

extension Float {
  /// The value of an IEEE 754 half; integer steps only, because the baseline CPU has no such instruction.
  package init(halfBits: UInt16) {
    let sign = UInt32(halfBits & 0x8000) << 16
    let magnitude = UInt32(halfBits & 0x7fff) << 13
    // Moving the bits leaves the exponent 112 too small, for subnormals as well; a product repairs both.
    var value = Float(bitPattern: magnitude) * 0x1p112
    // Infinities and NaN keep the largest exponent.
    if halfBits & 0x7c00 == 0x7c00 { value = Float(bitPattern: magnitude | 0x7f80_0000) }
    self = Float(bitPattern: value.bitPattern | sign)
  }
}
