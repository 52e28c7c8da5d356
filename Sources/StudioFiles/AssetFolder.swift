import Foundation
import Shading
import Studio

/// Finds what the program brings along, and what the user puts over it.
///
/// The root holds `assets/` and `themes/`. A user's configuration folder may hold `themes/`,
/// `rigs/`, `materials/`, `environments/`, `keymap.toml` and `config.toml`; its files win over bundled ones.
public struct AssetFolder: Equatable, Sendable {
  /// The folder that holds `assets/` and `themes/`.
  public let root: String
  /// The user's configuration folder, which need not exist.
  public let userFolder: String

  /// Uses the given folders.
  public init(root: String, userFolder: String) {
    self.root = root
    self.userFolder = userFolder
  }

  /// Looks for the folders of a program.
  ///
  /// The root is, in this order: `CHIARO_ASSETS`; `../share/chiaro` beside the program's folder, as
  /// installed; the nearest folder above the program that holds both, as built in the source tree.
  ///
  /// - Parameters:
  ///   - executablePath: the program's own file; links are followed.
  ///   - environment: the process's environment variables.
  /// - Returns: the folders; the user's need not exist.
  /// - Throws: `StudioFilesError.noAssets` with every place that was looked at.
  public static func locate(
    executablePath: String, environment: [String: String]
  ) throws(StudioFilesError) -> AssetFolder {
    let userFolder = userFolder(environment)
    var candidates: [String] = []
    if let chosen = environment["CHIARO_ASSETS"], !chosen.isEmpty {
      // Chosen by hand: falling back on others would hide a misspelt path.
      candidates = [chosen]
    } else {
      let program = URL(fileURLWithPath: executablePath).resolvingSymlinksInPath()
      var folder = program.deletingLastPathComponent()
      candidates.append(
        folder.deletingLastPathComponent().appendingPathComponent("share/chiaro").path)
      while folder.path != "/" {
        candidates.append(folder.path)
        folder = folder.deletingLastPathComponent()
      }
    }
    guard let root = candidates.first(where: holdsAssets) else {
      throw .noAssets(searched: candidates)
    }
    return AssetFolder(root: root, userFolder: userFolder)
  }

  /// The folder with the weights of the networks.
  public var modelsPath: String { root + "/assets/models" }

  /// A bundled file by its path below `assets/`.
  public func path(_ relative: String) -> String { root + "/assets/" + relative }

  /// Everything the studio offers by name.
  ///
  /// - Throws: `StudioFilesError` for the first file that is wrong.
  public func library() throws(StudioFilesError) -> LookLibrary {
    var library = LookLibrary(rigs: try rigs(), environments: names(of: .environment))
    for name in names(of: .material) {
      library.materials.append(.init(name: name, material: try material(named: name)))
    }
    for name in names(of: .theme) { library.themes.append(try theme(named: name)) }
    return library
  }

  /// A material by name.
  ///
  /// - Throws: `StudioFilesError` for an unknown name or a wrong file.
  public func material(named name: String) throws(StudioFilesError) -> Material {
    try MaterialFile.read(path(of: .material, named: name))
  }

  /// Where the user's own file of a name is, or would be.
  public func userPath(of kind: AssetKind, named name: String) -> String {
    "\(kind.folders(in: self)[0])/\(name).toml"
  }

  // MARK: - Rigs and looks

  /// All rigs, the user's first, by the name in their files.
  ///
  /// - Throws: `StudioFilesError` for the first file that is wrong.
  public func rigs() throws(StudioFilesError) -> [LightRig] {
    var rigs: [LightRig] = []
    for path in files(.rig) { rigs.append(try RigFile.read(path)) }
    return rigs
  }

  /// A look by a rig's name or by the path of a look or rig file.
  ///
  /// - Throws: `StudioFilesError` for an unknown name or a wrong file.
  public func look(named name: String) throws(StudioFilesError) -> Look {
    if name.contains("/") || name.hasSuffix(".toml") { return try LookFile.read(name) }
    return try LookFile.read(path(of: .rig, named: name))
  }

  // MARK: - Environments

  /// The path of an environment map by name; a path to a `.hdr` or `.exr` stands for itself.
  ///
  /// - Throws: `StudioFilesError.unknownName`.
  public func environmentPath(named name: String) throws(StudioFilesError) -> String {
    let isPath = name.contains("/") || name.hasSuffix(".hdr") || name.hasSuffix(".exr")
    return isPath ? name : try path(of: .environment, named: name)
  }

  // MARK: - Themes, keys, configuration

  /// A theme by name, with everything it inherits.
  ///
  /// - Throws: `StudioFilesError` for an unknown name, a wrong file or a circle of inheritance.
  public func theme(named name: String) throws(StudioFilesError) -> Theme {
    let path = try path(of: .theme, named: name)
    var file = try ThemeFile.parse(TOMLText.read(path), path: path)
    var seen = [name]
    while let parent = file.inherits {
      seen.append(parent)
      guard !seen.dropLast().contains(parent) else {
        throw .circularInheritance(path: path, names: seen)
      }
      let parentPath = try self.path(of: .theme, named: parent)
      file = file.inheriting(
        from: try ThemeFile.parse(TOMLText.read(parentPath), path: parentPath))
    }
    return try file.resolved(name: name, path: path)
  }

  /// A keymap by name, with the user's `keymap.toml` over it.
  ///
  /// - Throws: `StudioFilesError` for an unknown name or a wrong file.
  public func keymap(named name: String) throws(StudioFilesError) -> Keymap {
    let bundled = try keymap(named: name, heirs: [])
    let own = userFolder + "/keymap.toml"
    guard FileManager.default.fileExists(atPath: own) else { return bundled }
    return bundled.merging(try KeymapFile.read(own))
  }

  /// A keymap over those that it and they inherit from.
  private func keymap(named name: String, heirs: [String]) throws(StudioFilesError) -> Keymap {
    let path = try path(of: .keymap, named: name)
    guard !heirs.contains(name) else {
      throw .circularInheritance(path: path, names: heirs + [name])
    }
    let (own, parent) = try KeymapFile.heir(path)
    guard let parent else { return own }
    return try keymap(named: parent, heirs: heirs + [name]).merging(own)
  }

  /// The user's configuration, or the defaults where there is none.
  ///
  /// - Throws: `StudioFilesError` for a wrong file.
  public func configuration() throws(StudioFilesError) -> StudioConfiguration {
    let path = userFolder + "/config.toml"
    guard FileManager.default.fileExists(atPath: path) else { return StudioConfiguration() }
    return try ConfigurationFile.read(path)
  }

  // MARK: - Names

  /// The names of one kind, in alphabetical order.
  public func names(of kind: AssetKind) -> [String] {
    Array(Set(files(kind).map(Self.stem))).sorted()
  }

  /// The path of the user's or else the bundled file of a name.
  private func path(
    of kind: AssetKind, named name: String
  ) throws(StudioFilesError) -> String {
    guard let path = files(kind).first(where: { Self.stem($0) == name.lowercased() }) else {
      throw .unknownName(kind: kind, name: name, known: names(of: kind))
    }
    return path
  }

  /// The files of one kind, the user's before the bundled of the same name.
  private func files(_ kind: AssetKind) -> [String] {
    var seen: Set<String> = []
    return kind.folders(in: self).flatMap { folder in
      let entries = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      return entries.filter { entry in kind.suffixes.contains { entry.hasSuffix($0) } }
        .sorted().map { "\(folder)/\($0)" }
    }.filter { seen.insert(Self.stem($0)).inserted }
  }

  private static func stem(_ path: String) -> String {
    URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent.lowercased()
  }

  private static func holdsAssets(_ folder: String) -> Bool {
    ["assets", "themes"].allSatisfy { name in
      var isFolder: ObjCBool = false
      let exists = FileManager.default.fileExists(
        atPath: "\(folder)/\(name)", isDirectory: &isFolder)
      return exists && isFolder.boolValue
    }
  }

  /// `$XDG_CONFIG_HOME/chiaro`, or `~/.config/chiaro` as that specification says.
  private static func userFolder(_ environment: [String: String]) -> String {
    if let base = environment["XDG_CONFIG_HOME"], base.hasPrefix("/") { return base + "/chiaro" }
    return (environment["HOME"] ?? "") + "/.config/chiaro"
  }
}

extension AssetKind {
  fileprivate var suffixes: [String] { self == .environment ? [".hdr", ".exr"] : [".toml"] }

  fileprivate func folders(in assets: AssetFolder) -> [String] {
    switch self {
    case .rig: ["\(assets.userFolder)/rigs", "\(assets.root)/assets/rigs"]
    case .material: ["\(assets.userFolder)/materials", "\(assets.root)/assets/materials"]
    case .environment: ["\(assets.userFolder)/environments", "\(assets.root)/assets/environments"]
    case .theme: ["\(assets.userFolder)/themes", "\(assets.root)/themes"]
    case .keymap: ["\(assets.userFolder)/keymaps", "\(assets.root)/themes/keymaps"]
    }
  }
}
