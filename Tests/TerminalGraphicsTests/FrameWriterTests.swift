import Imaging
import TerminalCells
import TerminalGraphics
import TestSupport
import Testing

@Suite struct FrameWriterTests {
  private let screen = TerminalSize(columns: 40, rows: 12, pixelWidth: 400, pixelHeight: 240)
  private let slot = Rect(column: 10, row: 2, columns: 12, rows: 6)

  private func setUp(
    _ graphics: GraphicsProtocol, _ answers: String = ""
  ) throws -> (FrameWriter, ImagePlacement, DisplayImage) {
    let capabilities = TerminalCapabilities(
      environment: TerminalEnvironment(
        variables: ["TERM": "xterm-256color", "COLORTERM": "truecolor"]),
      replies: TerminalReplies(parsing: Array(answers.utf8)), requested: graphics)
    let placement = try #require(
      ImagePlacement(
        of: ImageExtent(width: 10, height: 10), in: slot, screen: screen,
        capabilities: capabilities))
    let side = min(placement.pixelWidth, placement.pixelHeight)
    let image = Portrait.image(side: side)
      .stretched(width: placement.pixelWidth, height: placement.pixelHeight)
    return (FrameWriter(capabilities: capabilities), placement, image)
  }

  @Test("a frame is bracketed and leaves the cursor alone")
  func brackets() throws {
    var (writer, placement, image) = try setUp(.sixel, "\u{1B}[?2026;2$y\u{1B}[?62;4c")
    let frame = writer.frame(for: image, at: placement, asksForAnswer: true)
    let text = String(decoding: frame, as: UTF8.self)
    #expect(text.hasPrefix("\u{1B}[?2026h\u{1B}7\u{1B}[3;11H\u{1B}P"))
    #expect(text.hasSuffix("\u{1B}\\\u{1B}8\u{1B}[?2026l\u{1B}[c"))
    #expect(DecodedSixel(frame)?.image.width == placement.pixelWidth)
  }

  @Test("terminals without synchronised output get none")
  func withoutSynchronization() throws {
    var (writer, placement, image) = try setUp(.kitty)
    let frame = writer.frame(for: image, at: placement)
    let text = String(decoding: frame, as: UTF8.self)
    #expect(text.hasPrefix("\u{1B}7") && text.hasSuffix("\u{1B}8"))
    #expect(KittyCommand.image(in: KittyCommand.all(in: frame)) == image)
    #expect(!writer.removal.isEmpty)
  }

  @Test("of cells only those are sent that changed, all of them after something else was drawn")
  func cells() throws {
    var (writer, placement, image) = try setUp(.cells)
    var emulator = TerminalEmulator(columns: 40, rows: 12)
    emulator.pictureArea = placement.rect
    let whole = writer.frame(for: image, at: placement)
    emulator.receive(whole)
    let shown = emulator.glyphs
    #expect(emulator.glyphs(in: placement.rect).allSatisfy { $0.style.background != .standard })
    #expect(
      shown.indices.allSatisfy { index in
        let place = CellPosition(column: index % 40, row: index / 40)
        return placement.rect.contains(place) || shown[index] == TerminalEmulator.Glyph()
      })
    let again = writer.frame(for: image, at: placement)
    #expect(again.count < 40)
    writer.invalidate()
    let anew = writer.frame(for: image, at: placement)
    #expect(anew == whole)
    #expect(writer.removal.isEmpty)
  }

  @Test(
    "a frame that is taken back counts as never sent", arguments: [GraphicsProtocol.cells, .kitty])
  func revert(graphics: GraphicsProtocol) throws {
    var (writer, placement, image) = try setUp(graphics)
    _ = writer.frame(for: image, at: placement)
    let other = Portrait.image(side: 30, lightX: -0.4)
    let coarse = FrameDetail(quality: .draft(tolerance: 300), reduction: 2)
    var straight = writer
    _ = writer.frame(for: other, at: placement)
    writer.revert()
    let frame = writer.frame(for: other, at: placement, detail: coarse)
    let expected = straight.frame(for: other, at: placement, detail: coarse)
    #expect(frame == expected)
  }

  @Test("kitty's picture lies behind cells of the terminal's own background")
  func kittyBackground() throws {
    let (writer, placement, _) = try setUp(.kitty)
    var grid = CellGrid(columns: 40, rows: 12)
    let panel = CellStyle(background: .rgb(1, 2, 3))
    grid.fill(grid.bounds, with: .underImage(style: panel))
    grid.draw("popup", at: CellPosition(column: 12, row: 4), style: panel)
    writer.compose(placement: placement, into: &grid)
    #expect(grid[placement.rect.column, placement.rect.row].style == .standard)
    #expect(grid[12, 4].grapheme == "p" && grid[12, 4].style == panel)
    #expect(grid[0, 0].style == panel)
  }

  @Test("kitty's picture goes behind text only while there is some over it")
  func kittyLayers() throws {
    var (writer, placement, image) = try setUp(.kitty)
    func layer(isCovered: Bool) -> String? {
      let frame = writer.frame(for: image, at: placement, isCovered: isCovered)
      return KittyCommand.all(in: frame).first?.keys["z"]
    }
    let layers = [layer(isCovered: false), layer(isCovered: true), layer(isCovered: false)]
    #expect(layers == [nil, "-1073741825", nil])
  }

  @Test("an inline image goes over its cells and leaves the cursor")
  func inlineImage() throws {
    var (writer, placement, image) = try setUp(.iterm2)
    let frame = writer.frame(for: image, at: placement, asksForAnswer: true)
    let decoded = try #require(InlineImage(frame))
    #expect(decoded.arguments["inline"] == "1")
    #expect(decoded.arguments["width"] == "\(placement.rect.columns)")
    #expect(decoded.arguments["height"] == "\(placement.rect.rows)")
    #expect(decoded.image.width == image.width && decoded.image.height == image.height)
  }

  @Test("printed pictures let the cursor go on below, and are there without shared memory")
  func inline() throws {
    let local = "\u{1B}_Gi=31;OK\u{1B}\\\u{1B}_Gi=32;OK\u{1B}\\\u{1B}[?62c"
    var (writer, placement, image) = try setUp(.kitty, local)
    let printed = writer.inline(image, placement: placement)
    let commands = KittyCommand.all(in: printed)
    #expect(KittyCommand.image(in: commands) == image)
    #expect(commands.first?.keys["C"] == "0" && commands.first?.keys["t"] == nil)
    #expect(printed.last == UInt8(ascii: "\n"))
    (writer, placement, image) = try setUp(.iterm2)
    let file = try #require(InlineImage(writer.inline(image, placement: placement)))
    #expect(file.arguments["doNotMoveCursor"] == "0")
  }

  @Test("a reduced picture for kitty is stretched over whole cells, the last of which it shares")
  func margins() throws {
    let capabilities = TerminalCapabilities(
      environment: TerminalEnvironment(variables: ["TERM": "xterm-kitty"]),
      replies: TerminalReplies(
        parsing: Array("\u{1B}]11;rgb:1010/2020/3030\u{1B}\\\u{1B}[?62c".utf8)),
      requested: .kitty)
    let placement = try #require(
      ImagePlacement(
        of: ImageExtent(width: 115, height: 100), in: slot, screen: screen,
        capabilities: capabilities))
    #expect(placement.cellsExtent == ImageExtent(width: 120, height: 120))
    #expect(placement.pixelExtent == ImageExtent(width: 120, height: 104))
    var writer = FrameWriter(capabilities: capabilities)
    let small = Portrait.image(side: 60).stretched(width: 60, height: 52)
    let commands = KittyCommand.all(
      in: writer.frame(
        for: small, at: placement, detail: FrameDetail(quality: .settled, reduction: 2)))
    #expect(commands.first?.keys["c"] == "12" && commands.first?.keys["r"] == "6")
    let sent = try #require(KittyCommand.image(in: commands))
    #expect(sent.width == 60 && sent.height == 60)
    #expect(Array(sent.bytes[..<(3 * 60 * 52)]) == small.bytes)
    #expect(Array(sent.bytes.suffix(3)) == [0x10, 0x20, 0x30])
  }

  @Test("through a line, kitty gets moving pictures with fewer pixels than their place, at 33 dB")
  func movingReduction() throws {
    func capabilities(_ answers: String) -> TerminalCapabilities {
      TerminalCapabilities(
        environment: TerminalEnvironment(variables: ["TERM": "xterm-kitty"]),
        replies: TerminalReplies(parsing: Array((answers + "\u{1B}[?62c").utf8)),
        requested: .kitty)
    }
    let remote = capabilities("\u{1B}_Gi=31;OK\u{1B}\\")
    let local = capabilities("\u{1B}_Gi=31;OK\u{1B}\\\u{1B}_Gi=32;OK\u{1B}\\")
    #expect(local.movingReduction == 1 && remote.movingReduction > 1)
    let whole = Portrait.image(side: 480)
    let placement = try #require(
      ImagePlacement(
        of: ImageExtent(width: 480, height: 480),
        in: Rect(column: 0, row: 0, columns: 48, rows: 24),
        screen: TerminalSize(columns: 80, rows: 30, pixelWidth: 800, pixelHeight: 600),
        capabilities: remote))
    #expect(placement.pixelExtent == whole.image.extent)
    let detail = FrameDetail.moving[0]
    let extent = detail.extent(of: placement.pixelExtent, reducedBy: remote.movingReduction)
    var writer = FrameWriter(capabilities: remote)
    let frame = writer.frame(
      for: DisplayImage(whole.image.resized(width: extent.width, height: extent.height)),
      at: placement, detail: detail)
    let commands = KittyCommand.all(in: frame)
    #expect(commands.first?.keys["c"] == "48" && commands.first?.keys["r"] == "24")
    // kitty's textures are filtered linearly.
    let shown = try #require(KittyCommand.image(in: commands)).image
      .resized(width: 480, height: 480, filter: .bilinear)
    #expect(psnr(whole, DisplayImage(shown)) >= 33)
    // Two thirds of what the place would take.
    #expect(frame.count * 3 < 2 * 480 * 480 * 4 / 3 + 6000)
  }

  @Test("only device attributes answer a frame")
  func answers() {
    #expect(FrameWriter.isAnswer(Array("\u{1B}[?62;4c".utf8)))
    #expect(!FrameWriter.isAnswer(Array("\u{1B}[>41;354;0c".utf8)))
    #expect(!FrameWriter.isAnswer(Array("\u{1B}[?2026;2$y".utf8)))
  }
}
