/// What can go wrong between the stages.
public enum StudioRuntimeError: Error, Equatable, Sendable {
  /// A picture or passes are to be saved and no portrait is open.
  case nothingOpen
  /// A portrait shows too little skin to tell its light.
  case unknownLight(path: String)
  /// The work was stopped as asked.
  case cancelled
}
