/// What can go wrong between a weight file and a finished network run.
public enum NeuralError: Error, Equatable, Sendable {
  /// oneDNN is not installed, or not the version that the program was built with.
  case libraryNotLoaded(reason: String)
  /// oneDNN refused an operation; `status` is its `dnnl_status_t`.
  case library(operation: String, status: UInt32)
  /// The activations of a network do not fit into memory.
  case outOfMemory(bytes: Int)
  /// The weight file is not there.
  case missingFile(path: String)
  /// The weight file is there and cannot be read.
  case unreadableFile(path: String, reason: String)
  /// The file is not a safetensors file, or its header contradicts itself.
  case malformedFile(path: String, reason: String)
  /// The file ends before the tensors its header promises.
  case truncatedFile(path: String, expectedBytes: Int, foundBytes: Int)
  /// The tensor bytes do not have the digest that the file states.
  case alteredFile(path: String, expectedDigest: String, foundDigest: String)
  /// The network needs a tensor that the file lacks.
  case missingTensor(path: String, key: String)
  /// A tensor has another shape than the network's configuration asks for.
  case wrongShape(path: String, key: String, expected: [Int], found: [Int])
  /// The file holds tensors that the network does not know.
  case unknownTensors(path: String, keys: [String])
  /// The caller asked to stop.
  case cancelled
}
