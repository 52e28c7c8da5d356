import Decomposition
import Foundation
import NeuralRuntime
import Testing

/// Opening weight files, whole and damaged.
@Suite struct ModelBundleTests {
  @Test("a folder of three good files opens with digests, provenance and configurations")
  func open() throws {
    let models = try TemporaryModels()
    let bundle = try ModelBundle(directory: models.path)
    #expect(bundle.maginet.configuration.resolution == 64)
    #expect(bundle.translator.configuration.widths == [4, 8, 16, 16, 16])
    #expect(Set(bundle.digests.keys) == ["maginet", "refinement", "translator"])
    #expect(bundle.digests.values.allSatisfy { $0.count == 64 })
    #expect(bundle.provenance["maginet"] == #"{"data":"random"}"#)
    #expect(try ModelBundle.statedDigests(in: models.path) == bundle.digests)
  }

  @Test("a missing file is named", arguments: ["maginet", "refinement", "translator"])
  func missing(network: String) throws {
    let models = try TemporaryModels()
    let path = models.path(of: network)
    try FileManager.default.removeItem(atPath: path)
    #expect(throws: DecompositionError.network(.missingFile(path: path))) {
      try ModelBundle(directory: models.path)
    }
    #expect(throws: DecompositionError.network(.missingFile(path: path))) {
      try ModelBundle.statedDigests(in: models.path)
    }
  }

  @Test("a truncated file is named with what it should hold")
  func truncated() throws {
    let models = try TemporaryModels()
    let path = models.path(of: "translator")
    let whole = try Data(contentsOf: URL(fileURLWithPath: path))
    try whole.dropLast(1000).write(to: URL(fileURLWithPath: path))
    let error = DecompositionError.network(
      .truncatedFile(
        path: path, expectedBytes: whole.count, foundBytes: whole.count - 1000))
    #expect(throws: error) { try ModelBundle(directory: models.path) }
  }

  @Test("one changed bit in the tensors is noticed")
  func altered() throws {
    let models = try TemporaryModels()
    let path = models.path(of: "maginet")
    var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    bytes[bytes.count - 77] ^= 1
    try bytes.write(to: URL(fileURLWithPath: path))
    let error = try #require(throws: DecompositionError.self) {
      try ModelBundle(directory: models.path)
    }
    guard case .network(.alteredFile(path, let expected, let found)) = error else {
      Issue.record("\(error) instead of an altered file")
      return
    }
    #expect(expected != found)
    // What was made with the file as it should be is still found.
    #expect(try ModelBundle.statedDigests(in: models.path)["maginet"] == expected)
  }

  @Test(
    "metadata of another network, format or configuration is refused",
    arguments: [
      ("network", "refinement"), ("network", nil), ("format_version", "2"), ("sha256", nil),
      ("configuration", "{}"), ("configuration", nil), ("provenance", nil),
    ] as [(String, String?)])
  func metadata(key: String, value: String?) throws {
    let models = try TemporaryModels()
    try models.write("maginet", changing: [key: value])
    let error = try #require(throws: DecompositionError.self) {
      try ModelBundle(directory: models.path)
    }
    switch error {
    case .unsuitableWeights(let path, _): #expect(path == models.path(of: "maginet"))
    case .network(.malformedFile): #expect(key == "sha256")
    default: Issue.record("\(error)")
    }
  }

  @Test(
    "configurations that no network can have are refused",
    arguments: [
      ("resolution", 65), ("resolution", 0), ("resolution", 1 << 40), ("input_channels", 4),
      ("widths", -1), ("attention_reduction", 0),
    ])
  func configuration(key: String, value: Int) throws {
    let text = try #require(try NetworkFixture("maginet").archive.metadata["configuration"])
    var fields = try #require(
      try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    fields[key] = key == "widths" ? [value, value] : value
    let changed = try JSONSerialization.data(withJSONObject: fields)
    let (configuration, reason) = MAGINetConfiguration.parsed(
      String(decoding: changed, as: UTF8.self))
    #expect(configuration == nil)
    #expect(!reason.isEmpty)
  }
}
