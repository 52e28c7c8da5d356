import Shading

/// A file to write.
public struct SaveRequest: Equatable, Sendable {
  /// What goes into a file.
  public enum Content: Equatable, Sendable {
    /// The relit picture at full size.
    case picture(Look)
    /// The passes as a folder, or as one file when the path ends in `.exr`.
    case passes
    /// The look as text.
    case look(Look)
    /// A light going around the portrait, as an animated PNG, or as a folder of pictures when the path
    /// has no suffix.
    case turntable(Look, Turntable)
    /// The same on one sheet.
    case contactSheet(Look, Turntable)
    /// A material under a name, among the user's own.
    case material(Material)
    /// A rig under a name, among the user's own.
    case rig(LightRig)
  }

  /// Where to; a name for what goes among the user's own.
  public var path: String
  /// What.
  public var content: Content
  /// Whether a file that is there already may be replaced.
  public var replaces: Bool

  /// Describes a file to write.
  public init(path: String, content: Content, replaces: Bool = false) {
    self.path = path
    self.content = content
    self.replaces = replaces
  }
}

/// A folder as the open dialog shows it.
public struct FolderListing: Equatable, Sendable {
  /// The folder's full path.
  public var path: String
  /// Names of folders in it, in alphabetical order.
  public var folders: [String]
  /// Names of portraits and passes in it, in alphabetical order.
  public var files: [String]
  /// Full paths of portraits opened lately, newest first.
  public var recent: [String]
  /// Why the folder could not be listed; nil when it could.
  public var problem: String?

  /// Describes a folder.
  public init(
    path: String, folders: [String] = [], files: [String] = [], recent: [String] = [],
    problem: String? = nil
  ) {
    self.path = path
    self.folders = folders
    self.files = files
    self.recent = recent
    self.problem = problem
  }
}
