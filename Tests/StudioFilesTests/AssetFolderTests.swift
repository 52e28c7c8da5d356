import Foundation
import Shading
import StudioFiles
import Testing

@Suite struct AssetFolderTests {
  @Test("the source tree is found from a program built inside it")
  func sourceTree() throws {
    let assets = try AssetFolder.locate(
      executablePath: Repository.root + "/.build/release/chiaro", environment: ["HOME": "/home/a"])
    #expect(assets.root == Repository.root)
    #expect(assets.userFolder == "/home/a/.config/chiaro")
  }

  @Test("an installed program finds its share folder")
  func installed() throws {
    let prefix = try Repository.makeTemporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: prefix) }
    try Repository.write("", to: prefix + "/bin/chiaro")
    try Repository.write("", to: prefix + "/share/chiaro/assets/x")
    try Repository.write("", to: prefix + "/share/chiaro/themes/x")
    let assets = try AssetFolder.locate(
      executablePath: prefix + "/bin/chiaro", environment: ["XDG_CONFIG_HOME": "/etc/xdg"])
    #expect(assets.root.hasSuffix("/share/chiaro"))
    #expect(assets.userFolder == "/etc/xdg/chiaro")
  }

  @Test("CHIARO_ASSETS decides alone")
  func chosen() throws {
    let program = Repository.root + "/.build/release/chiaro"
    let assets = try AssetFolder.locate(
      executablePath: program, environment: ["CHIARO_ASSETS": Repository.root])
    #expect(assets.root == Repository.root)
    #expect(throws: StudioFilesError.noAssets(searched: ["/nowhere"])) {
      try AssetFolder.locate(
        executablePath: program, environment: ["CHIARO_ASSETS": "/nowhere"])
    }
  }

  @Test("rigs are found by name in any case, by path, and by no other name")
  func looks() throws {
    let assets = Repository.assets
    #expect(try assets.look(named: "rembrandt").rig.name == "Rembrandt")
    #expect(try assets.look(named: "Rembrandt").rig.name == "Rembrandt")
    let path = Repository.root + "/assets/rigs/rembrandt.toml"
    #expect(try assets.look(named: path).rig.name == "Rembrandt")
    let error = #expect(throws: StudioFilesError.self) { try assets.look(named: "nose") }
    guard case .unknownName(.rig, "nose", let known)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(known.contains("rembrandt"))
  }

  @Test("a user's rig hides the bundled one of its name")
  func userRig() throws {
    let folder = try Repository.makeTemporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Repository.write("name = \"Mine\"\n", to: folder + "/rigs/rembrandt.toml")
    let assets = AssetFolder(root: Repository.root, userFolder: folder)
    #expect(try assets.look(named: "rembrandt").rig.name == "Mine")
    #expect(try assets.rigs().map(\.name).contains("Rembrandt") == false)
    #expect(assets.names(of: .rig).filter { $0 == "rembrandt" }.count == 1)
  }

  @Test("a path to an environment map stands for itself, an unknown name does not")
  func environments() throws {
    #expect(try Repository.assets.environmentPath(named: "/tmp/a.hdr") == "/tmp/a.hdr")
    #expect(throws: StudioFilesError.self) {
      try Repository.assets.environmentPath(named: "no-such-place")
    }
  }

  @Test("without a configuration the defaults hold, a wrong one is named")
  func configuration() throws {
    let folder = try Repository.makeTemporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let assets = AssetFolder(root: Repository.root, userFolder: folder)
    #expect(try assets.configuration() == StudioConfiguration())
    let file = folder + "/config.toml"
    try Repository.write("theme = \"light\"\nprotocol = \"sixel\"\n", to: file)
    #expect(try assets.configuration().theme == "light")
    #expect(try assets.configuration().graphicsProtocol == "sixel")
    #expect(try assets.configuration().keymap == "default")
    try Repository.write("protocol = \"laser\"\n", to: file)
    #expect(
      throws: StudioFilesError.invalidValue(
        path: file, line: 1, key: "protocol",
        expected: "one of auto, kitty, sixel, iterm2, cells", found: "\"laser\"")
    ) { try assets.configuration() }
    try Repository.write("colour = \"loud\"\n", to: file)
    #expect(
      throws: StudioFilesError.unknownKey(
        path: file, line: 1, key: "colour", known: ["theme", "keymap", "protocol"])
    ) { try assets.configuration() }
  }
}
