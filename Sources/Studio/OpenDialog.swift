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

  /// The path that was typed instead of a filter.
  var typedPath: String? {
    filter.text.hasPrefix("/") || filter.text.hasPrefix("~") ? filter.text : nil
  }

  /// The full path of a row.
  func path(of entry: Entry) -> String {
    let base = listing.path.hasSuffix("/") ? listing.path : listing.path + "/"
    switch entry {
    case .recent(let path): return path
    case .folder(let name), .file(let name): return base + name
    case .parent:
      let folder = listing.path.hasSuffix("/") ? String(listing.path.dropLast()) : listing.path
      guard let slash = folder.lastIndex(of: "/"), slash > folder.startIndex else { return "/" }
      return String(folder[..<slash])
    }
  }
}
