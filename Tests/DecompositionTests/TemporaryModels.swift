import Decomposition
import Foundation
import Imaging
import NeuralRuntime
import Testing

/// A folder with three narrow networks of the parity fixtures' weights, removed with the value.
final class TemporaryModels {
  let folder: URL
  var path: String { folder.path }

  init() throws {
    folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("chiaro-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for network in ["maginet", "refinement", "translator"] { try write(network) }
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  func path(of network: String) -> String {
    folder.appendingPathComponent("\(network).safetensors").path
  }

  /// Writes one weight file, with some of its metadata replaced (nil removes an entry).
  func write(_ network: String, changing changes: [String: String?] = [:]) throws {
    let fixture = try NetworkFixture(network)
    let prefix = "weight."
    var header: [String: Any] = [:]
    var tensors = Data()
    for key in fixture.archive.keys where key.hasPrefix(prefix) {
      let shape = try #require(fixture.archive.shape(of: key))
      let samples = try fixture.archive.samples(key, shape: shape)
      let start = tensors.count
      for sample in samples {
        withUnsafeBytes(of: sample.bitPattern.littleEndian) { tensors.append(contentsOf: $0) }
      }
      header[String(key.dropFirst(prefix.count))] = [
        "dtype": "F32", "shape": shape, "data_offsets": [start, tensors.count],
      ]
    }
    var metadata: [String: String] = [
      "format_version": "1", "network": network, "provenance": #"{"data":"random"}"#,
      "sha256": ContentDigest.sha256(Array(tensors)),
    ]
    metadata["configuration"] = fixture.archive.metadata["configuration"]
    for (key, value) in changes { metadata[key] = value }
    header["__metadata__"] = metadata
    let json = try JSONSerialization.data(withJSONObject: header)
    var file = Data()
    withUnsafeBytes(of: UInt64(json.count).littleEndian) { file.append(contentsOf: $0) }
    try (file + json + tensors).write(to: URL(fileURLWithPath: path(of: network)))
  }
}
