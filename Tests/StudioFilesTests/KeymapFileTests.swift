import Foundation
import Studio
import StudioFiles
import TerminalCells
import Testing

@Suite struct KeymapFileTests {
  @Test("the bundled keymaps have no duplicates, unreachable rows or unknown commands")
  func bundled() throws {
    let names = Repository.assets.names(of: .keymap)
    #expect(names == ["default", "emacs", "vim"])
    for name in names {
      let keymap = try Repository.assets.keymap(named: name)
      #expect(keymap.problems().isEmpty, "\(name)")
      #expect(keymap.bindings.count > 80, "\(name)")
    }
  }

  @Test("the keys that people know from other programs are there")
  func promises() throws {
    let keymap = try Repository.assets.keymap(named: "default")
    let promised = [
      ("<Left>", "light.left"), ("<S-Up>", "light.up.fine"), ("]", "light.brighter"),
      (",", "light.warmer"), ("<Tab>", "light.next"), ("s", "light.solo"), ("m", "light.mute"),
      ("a", "view.compare"), ("p", "rig.pick"), (":", "palette.show"), ("u", "edit.undo"),
      ("<C-r>", "edit.redo"), ("1", "view.relit"), ("0", "view.subject"), ("?", "help.show"),
      ("<C-c>", "studio.cancel"), ("<C-z>", "studio.suspend"), ("<C-l>", "studio.redraw"),
    ]
    for (keys, command) in promised {
      let sequence = try #require(Key.sequence(parsing: keys))
      #expect(keymap.match(sequence, in: .viewport) == .command(command), "\(keys)")
    }
  }

  @Test("every command keeps a key in every bundled keymap")
  func nothingLost() throws {
    for name in Repository.assets.names(of: .keymap) {
      let bound = Set(try Repository.assets.keymap(named: name).bindings.map(\.run))
      for command in CommandTable.standard.commands {
        #expect(bound.contains(command.name), "\(name): \(command.name)")
      }
    }
  }

  @Test("a keymap that inherits goes over its parent, row by row")
  func inheritance() throws {
    let vim = try Repository.assets.keymap(named: "vim")
    #expect(vim.match([Key("h")], in: .viewport) == .command("light.left"))
    #expect(vim.match([Key("h")], in: .views) == .command("light.shadow"))
    #expect(vim.match([Key("w")], in: .viewport) == .command("file.save"))
    let folder = try Repository.makeTemporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for (name, parent) in [("a", "b"), ("b", "a")] {
      try Repository.write("inherits = \"\(parent)\"\n", to: "\(folder)/keymaps/\(name).toml")
    }
    let error = #expect(throws: StudioFilesError.self) {
      try AssetFolder(root: Repository.root, userFolder: folder).keymap(named: "a")
    }
    guard case .circularInheritance(_, ["a", "b", "a"])? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test("escape leads out of every context", arguments: ["default", "emacs", "vim"])
  func escape(name: String) throws {
    let keymap = try Repository.assets.keymap(named: name)
    for context in KeymapContext.allCases {
      #expect(
        keymap.match([Key(.escape)], in: context) == .command("overlay.close"), "\(context)")
    }
  }

  @Test("rows are read in order")
  func rows() throws {
    let keymap = try KeymapFile.parse(
      """
      [[lights]]
      on = "j"
      run = "list.next"
      [[global]]
      on = "gl"
      run = "focus.lights"
      [[lights]]
      on = "<C-x><Del>"
      run = "light.remove"
      """, path: "keymap.toml")
    #expect(keymap.bindings.map(\.run) == ["focus.lights", "list.next", "light.remove"])
    #expect(keymap.bindings.map(\.keysText) == ["g l", "j", "<C-x> <Del>"])
  }

  @Test(
    "wrong rows are named with line, key and value",
    arguments: [
      ("[[lights]]\non = \"<Nope>\"\nrun = \"list.next\"", 2, "lights.1.on"),
      ("[[lights]]\non = \"j\"\nrun = \"list.nxt\"", 3, "lights.1.run"),
      ("[[lights]]\non = \"j\"", 1, "lights.1.run"),
      ("[[lights]]\non = 3\nrun = \"list.next\"", 2, "lights.1.on"),
    ])
  func invalid(text: String, line: Int, key: String) {
    let error = #expect(throws: StudioFilesError.self) {
      try KeymapFile.parse(text, path: "keymap.toml")
    }
    guard case .invalidValue("keymap.toml", let foundLine, let foundKey, _, _)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(foundLine == line)
    #expect(foundKey == key)
  }

  @Test("unknown contexts and fields are named")
  func unknownKeys() {
    let context = #expect(throws: StudioFilesError.self) {
      try KeymapFile.parse("[[lamps]]\non = \"j\"\nrun = \"list.next\"", path: "k.toml")
    }
    guard case .unknownKey(_, 1, "lamps", let known)? = context else {
      Issue.record("\(String(describing: context))")
      return
    }
    #expect(known.contains("lights"))
    let field = #expect(throws: StudioFilesError.self) {
      try KeymapFile.parse(
        "[[lights]]\non = \"j\"\nrun = \"list.next\"\nwhen = \"now\"", path: "k.toml")
    }
    guard case .unknownKey(_, 4, "lights.1.when", ["on", "run"])? = field else {
      Issue.record("\(String(describing: field))")
      return
    }
  }

  @Test("a user's keymap goes over the bundled one")
  func userKeymap() throws {
    let folder = try Repository.makeTemporaryFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Repository.write(
      "[[global]]\non = \"q\"\nrun = \"none\"\n[[global]]\non = \"Q\"\nrun = \"studio.quit\"\n",
      to: folder + "/keymap.toml")
    let assets = AssetFolder(root: Repository.root, userFolder: folder)
    let keymap = try assets.keymap(named: "default")
    #expect(keymap.match([Key("q")], in: .viewport) == .none)
    #expect(keymap.match([Key("Q")], in: .viewport) == .command("studio.quit"))
    #expect(keymap.match([Key("w")], in: .viewport) == .command("file.save"))
  }
}
