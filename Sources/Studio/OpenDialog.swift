/// A folder to open a portrait from, the selected one shown in the viewport.
public struct OpenDialog: Equatable, Sendable {
  /// One row.
  enum Entry: Equatable {
    case recent(path: String)
    case parent
    case folder(String)
    case file(String)
  }

  /// What is in the folder.
  public var listing: FolderListing
  /// The folder that was asked for after it, until it is listed.
  private(set) var entered: String?
  /// Listings that are still to come.
  private var pending = 0
  /// Words that every row must contain, or a path when it starts with `/` or `~`.
  public var filter = TextField()
  /// The selected row.
  public var selection = 0
  /// The picture of the selected row, once it was read.
  public var preview: Preview?

  /// A picture in the viewport.
  public struct Preview: Equatable, Sendable {
    /// The file it shows.
    public var path: String
    /// The pixels.
    public var picture: PreviewPicture
  }

  /// A dialog on a folder that is still being listed.
  public init(folder: String) { listing = FolderListing(path: folder) }

  /// The rows: what was opened lately, the way up, folders, files.
  var entries: [Entry] {
    guard entered == nil else { return [] }
    let words = filter.text.lowercased().split(separator: " ").map(String.init)
    func matches(_ name: String) -> Bool {
      let name = name.lowercased()
      return words.allSatisfy { name.contains($0) }
    }
    return listing.recent.filter { matches($0.lastPathComponent) }.map { .recent(path: $0) }
      + (words.isEmpty ? [.parent] : [])
      + listing.folders.filter(matches).map { .folder($0) }
      + listing.files.filter(matches).map { .file($0) }
  }

  /// The selected row.
  var selected: Entry? {
    let entries = entries
    return entries.indices.contains(selection) ? entries[selection] : nil
  }

  /// The folder that a filter names by the slash behind it, which is where the dialog goes at once.
  var typedFolder: String? {
    guard filter.text.hasSuffix("/") else { return nil }
    let name = String(filter.text.dropLast())
    return typedPath ?? path(of: name == ".." ? .parent : .folder(name))
  }

  /// Goes to a folder: what is typed on is about that one, listed or not.
  mutating func enter(_ folder: String) {
    entered = folder
    pending += 1
    filter.clear()
    selection = 0
  }

  /// Takes a listing, unless it is of a folder that was left before it came.
  ///
  /// - Returns: Whether it was taken; one with a problem leaves the folder before in view.
  mutating func take(_ listing: FolderListing) -> Bool {
    pending = max(0, pending - 1)
    guard pending == 0 else { return false }
    entered = nil
    guard listing.problem == nil else { return false }
    self.listing = listing
    // The first portrait, or else the first row.
    selection = listing.recent.isEmpty && !listing.files.isEmpty ? 1 + listing.folders.count : 0
    if !filter.text.isEmpty { selection = 0 }
    return true
  }

  /// The path that was typed instead of a filter.
  var typedPath: String? {
    filter.text.hasPrefix("/") || filter.text.hasPrefix("~") ? filter.text : nil
  }

  /// The full path of a row.
  func path(of entry: Entry) -> String {
    let folder = entered ?? listing.path
    let base = folder.hasSuffix("/") ? folder : folder + "/"
    switch entry {
    case .recent(let path): return path
    case .folder(let name), .file(let name): return base + name
    case .parent:
      let folder = base.dropLast()
      guard let slash = folder.lastIndex(of: "/"), slash > folder.startIndex else { return "/" }
      return String(folder[..<slash])
    }
  }
}
