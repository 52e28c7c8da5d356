/// What can go wrong between the stages.
public enum StudioRuntimeError: Error, Equatable, Sendable {
  /// A picture or passes are to be saved and no portrait is open.
  case nothingOpen
  /// The work was stopped as asked.
  case cancelled
}
