import FaceAlignment
import Imaging
import NeuralRuntime

/// Why a photograph could not be decomposed.
public enum DecompositionError: Error, Equatable, Sendable {
  /// No square could be framed; `noFace` carries the photograph's extent.
  case framing(FaceAlignmentError)
  /// What was handed over as a portrait is not a square colour picture.
  case notSquare(ImageExtent, channels: Int)
  /// A weight file is readable and does not hold the network it should.
  case unsuitableWeights(path: String, reason: String)
  /// A weight file cannot be used, or a network could not be run.
  case network(NeuralError)
  /// The caller asked to stop.
  case cancelled

  /// Runs work of NeuralRuntime and words its errors as this target's.
  static func wrapping<Result>(
    _ work: () throws(NeuralError) -> Result
  ) throws(DecompositionError) -> Result {
    do {
      return try work()
    } catch {
      throw error == .cancelled ? .cancelled : .network(error)
    }
  }
}
