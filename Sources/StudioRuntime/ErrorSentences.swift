import Decomposition
import FaceAlignment
import Imaging
import NeuralRuntime
import RenderPasses
import Shading
import StudioFiles
import TerminalCells

/// Words every error of the program: what failed, what was expected and found, what to do.
public enum ErrorSentences {
  /// One sentence for an error; nothing is ever left to Swift's own description of a case.
  public static func sentence(for error: any Error) -> String {
    switch error {
    case let error as ImageFileError: sentence(error)
    case let error as FaceAlignmentError: sentence(error)
    case let error as ShadingError: sentence(error)
    case let error as TerminalDeviceError: sentence(error)
    case let error as DecompositionError: sentence(error)
    case let error as NeuralError: sentence(error)
    case let error as PassError: sentence(error)
    case let error as StudioFilesError: sentence(error)
    case let error as StudioRuntimeError: sentence(error)
    default: error.localizedDescription
    }
  }

  private static func sentence(_ error: DecompositionError) -> String {
    switch error {
    case .framing(let error): sentence(error)
    case .notSquare(let found, let channels):
      "a portrait is a square of three channels, not \(extent(found)) of \(channels)"
    case .unsuitableWeights(let path, let reason):
      "the weights in \(path) do not fit this program: \(reason); \(reinstall)"
    case .network(let error): sentence(error)
    case .cancelled: "stopped"
    }
  }

  private static func sentence(_ error: NeuralError) -> String {
    switch error {
    case .libraryNotLoaded(let reason):
      "oneDNN, which runs the networks, cannot be loaded: \(reason); install libdnnl2"
    case .library(let operation, let status):
      "oneDNN failed in \(operation) with status \(status)"
    case .outOfMemory(let bytes):
      "the networks need \(bytes / 1_000_000) MB of memory that are not there"
    case .missingFile(let path): "the weight file \(path) is missing; \(reinstall)"
    case .unreadableFile(let path, let reason):
      "cannot read the weight file \(path): \(reason)"
    case .malformedFile(let path, let reason):
      "\(path) is not a safetensors file: \(reason); \(reinstall)"
    case .truncatedFile(let path, let expected, let found):
      "the weight file \(path) is truncated: \(found) of \(expected) bytes; \(reinstall)"
    case .alteredFile(let path, let expected, let found):
      "the weight file \(path) was altered: its digest is \(found.prefix(12))…, "
        + "expected \(expected.prefix(12))…; \(reinstall)"
    case .missingTensor(let path, let key): "the weight file \(path) lacks ‘\(key)’; \(reinstall)"
    case .wrongShape(let path, let key, let expected, let found):
      "‘\(key)’ in \(path) has the shape \(found), expected \(expected); \(reinstall)"
    case .unknownTensors(let path, let keys):
      "\(path) holds tensors the network does not know: \(list(Array(keys.prefix(5)))); "
        + reinstall
    case .cancelled: "stopped"
    }
  }

  private static func sentence(_ error: PassError) -> String {
    switch error {
    case .missingPass(let kind): "the pass ‘\(kind.rawValue)’ is missing"
    case .channelMismatch(let pass, let expected, let found):
      "the pass ‘\(pass)’ has \(found) channels, expected \(expected)"
    case .encodingMismatch(let pass, let expected, let found):
      "the pass ‘\(pass)’ is encoded as \(found.rawValue), expected \(expected.rawValue)"
    case .extentMismatch(let pass, let expected, let found):
      "the pass ‘\(pass)’ is \(extent(found)), the albedo is \(extent(expected))"
    case .file(let error): sentence(error)
    case .manifest(let path, let reason): "cannot understand \(path): \(reason)"
    case .missingLayer(let path, let channel): "\(path) lacks the channel ‘\(channel)’"
    case .cancelled: "stopped"
    }
  }

  private static func sentence(_ error: StudioFilesError) -> String {
    switch error {
    case .unreadable(let path, let reason): "cannot read \(path): \(reason)"
    case .malformed(let path, let line, let reason):
      "\(path), line \(line): not valid TOML (\(reason))"
    case .invalidValue(let path, let line, let key, let expected, let found):
      "\(place(path, line)): ‘\(key)’ \(found.map { "cannot be \($0)" } ?? "is missing"); "
        + "expected \(expected)"
    case .unknownKey(let path, let line, let key, let known):
      "\(place(path, line)): there is no ‘\(key)’; known are \(list(known))"
    case .circularInheritance(let path, let names):
      "\(path): themes inherit in a circle: \(names.joined(separator: " → "))"
    case .unknownName(let kind, let name, let known):
      "there is no \(kind.rawValue) ‘\(name)’; known are \(list(known))"
    case .noAssets(let searched):
      "the program's assets are nowhere to be found; looked in \(list(searched)); "
        + "set CHIARO_ASSETS to the folder that holds assets/ and themes/"
    }
  }

  private static func sentence(_ error: StudioRuntimeError) -> String {
    switch error {
    case .nothingOpen: "there is no decomposed portrait to save yet"
    case .unknownLight(let path): "\(path) shows too little skin to tell its light"
    case .cancelled: "stopped"
    }
  }

  private static let reinstall = "install Chiaro again or set CHIARO_MODELS to another folder"

  private static func place(_ path: String, _ line: Int?) -> String {
    line.map { "\(path), line \($0)" } ?? path
  }

  private static func sentence(_ error: ImageFileError) -> String {
    switch error {
    case .unreadable(let path, let reason): "cannot read \(path): \(reason)"
    case .unknownFormat(let path, let expected):
      "\(path) is not an image that can be used here; expected \(list(expected.map(\.rawValue)))"
    case .truncated(let path, let format):
      "\(path) ends before its \(format.rawValue) picture does; the file is incomplete"
    case .corrupt(let path, let format, let reason):
      "\(path) is damaged: its \(format.rawValue) data is invalid (\(reason))"
    case .unsupported(let path, let format, let feature):
      "\(path) uses a kind of \(format.rawValue) that is not supported (\(feature)); "
        + "save it as PNG or baseline JPEG"
    case .tooSmall(let path, let found, let minimum):
      "\(path) is only \(extent(found)) pixels; at least \(minimum)×\(minimum) are needed"
    case .tooLarge(let path, let found, let side, let pixels):
      "\(path) is \(extent(found)) pixels; at most \(side) on a side and "
        + "\(pixels / 1_000_000) megapixels are read, so scale it down first"
    case .unwritable(let path, let reason): "cannot write \(path): \(reason)"
    }
  }

  private static func sentence(_ error: FaceAlignmentError) -> String {
    switch error {
    case .noFace(let found):
      "no face was found in the \(extent(found)) picture; frame it by hand with "
        + "--framing X,Y,SIZE (centre and side of a square in pixels), for example "
        + "--framing \(found.width / 2),\(found.height / 2),\(min(found.width, found.height))"
    case .outsidePhotograph(let crop, let photograph):
      "the framing \(Int(crop.centerX)),\(Int(crop.centerY)),\(Int(crop.size)) lies outside the "
        + "\(extent(photograph)) picture"
    case .landmarkModel(let path, let reason):
      "cannot load the landmark model \(path): \(reason); install libdlib-data again or point "
        + "CHIARO_LANDMARKS to another one"
    case .outOfMemory: "there is not enough memory to look for a face"
    }
  }

  private static func sentence(_ error: ShadingError) -> String {
    switch error {
    case .malformedAssignment(let text):
      "‘\(text)’ is not of the form key=value, as in az=45,el=30"
    case .unknownKey(let key, let known): "there is no ‘\(key)’; known are \(list(known))"
    case .invalidValue(let key, let value, .number(let range, let unit)):
      "‘\(key)’ cannot be ‘\(value)’; it takes a number from \(range.lowerBound) to "
        + "\(range.upperBound)\(unit.isEmpty ? "" : " " + unit)"
    case .invalidValue(let key, let value, .onOrOff):
      "‘\(key)’ cannot be ‘\(value)’; it is on or off"
    case .unknownName(let name, let known): "there is no ‘\(name)’; known are \(list(known))"
    }
  }

  private static func sentence(_ error: TerminalDeviceError) -> String {
    switch error {
    case .notATerminal(let stream):
      "the studio needs a terminal, and \(stream) is none; `chiaro relight` works without"
    case .unknownTerminalType(let name):
      "the terminal type TERM=\(name) is unknown here; try TERM=xterm-256color"
    case .insufficientTerminalType(let name):
      "the terminal type TERM=\(name) cannot move its cursor; try TERM=xterm-256color"
    case .systemCall(let name, let number):
      "the terminal refused: \(name) failed with error \(number)"
    }
  }

  private static func extent(_ extent: ImageExtent) -> String { "\(extent.width)×\(extent.height)" }

  private static func list(_ words: [String]) -> String { words.joined(separator: ", ") }
}
