import Shading
import Studio
import TerminalCells

/// Random things that can happen, the same for the same seed.
enum RandomInput {
  static func edit(_ random: inout some RandomNumberGenerator) -> LookEdit {
    let controls: [ControlID] = [
      .light("azimuth"), .light("exposure"), .light("kelvin"), .light("size"), .light("tint"),
      .material("roughness"), .material("specular"), .material("residual"),
      .environment("rotation"), .environment("exposure"), .picture("exposure"),
      .picture("detail"), .environmentMap, .environmentFlip, .toneMap, .material("nonsense"),
    ]
    let control = controls.randomElement(using: &random) ?? .toneMap
    let number = Float.random(in: -400...400, using: &random)
    var wild = Light(name: "wild")
    wild.kelvin = number * 1000
    let edits: [LookEdit] = [
      .turnLight(azimuth: number, elevation: number / 3),
      .placeLight(azimuth: number * 3, elevation: -number), .replaceLight(wild),
      .toggleLight([.power, .solo, .shadow].randomElement(using: &random) ?? .solo),
      .renameLight("light \(Int(number))"), .addLight, .duplicateLight, .removeLight,
      .mirrorLight, .mirrorRig, .useRig(Sample.library.rigs.randomElement(using: &random)!),
      .useEnvironment("overcast"), .toggleEnvironment, .flipEnvironment,
      .adjust(control, steps: number / 100), .set(control, number), .reset(control),
      .resetPanel(Panel.allCases.randomElement(using: &random)!),
      .useLook(Look(rig: Sample.rig("Read", 2)), name: "read.toml"),
      .useMaterial(Sample.library.materials.randomElement(using: &random)!),
    ]
    return edits.randomElement(using: &random)!
  }

  static func action(
    _ random: inout some RandomNumberGenerator, in state: StudioState
  ) -> StudioAction {
    switch Int.random(in: 0..<20, using: &random) {
    case 0..<7: .key(key(&random))
    case 7..<9: .edit(edit(&random))
    case 9..<11: .mouse(mouse(&random, state.size))
    case 11..<13:
      .command(CommandTable.standard.commands.randomElement(using: &random)!.name)
    case 13: .resized(size(&random))
    case 14: .paste(["/tmp/x.jpg", "az=30", "12", "\u{1B}\n"].randomElement(using: &random)!)
    case 15: .navigate([.next, .previous, .first, .last].randomElement(using: &random)!)
    default: answer(&random, in: state)
    }
  }

  /// Results of effects, current and stale ones.
  private static func answer(
    _ random: inout some RandomNumberGenerator, in state: StudioState
  ) -> StudioAction {
    let opening = state.jobs.openGeneration - Int.random(in: 0...1, using: &random)
    let preview = state.jobs.preview.generation - Int.random(in: -1...3, using: &random)
    let photograph = OpenedPhotograph(
      generation: opening, title: "b.png", width: 640, height: 480)
    let picture = PreviewPicture(
      generation: preview, image: ImageIdentifier(preview),
      width: Int.random(in: 0...900, using: &random), height: 700,
      quality: Bool.random(using: &random) ? .draft : .final, milliseconds: 3)
    let actions: [StudioAction] = [
      .open(path: "/photos/b.png", framing: "auto"), .photographOpened(photograph),
      .decompositionProgress(
        generation: opening, stage: "translator", fraction: .nan, layer: "head"),
      .coarsePassesReady(generation: opening),
      .decompositionFinished(generation: opening, look: nil),
      .decompositionFinished(generation: opening, look: Look(rig: LightRig())),
      .decompositionFailed(generation: opening, message: "no face"),
      .decompositionCancelled(generation: opening), .previewReady(picture),
      .previewFailed(generation: preview, message: "out of memory"), .idle(generation: preview),
      .saved(path: "/photos/anna-relit.png", look: state.document.look),
      .saveFailed(path: "/photos/anna-relit.png", message: "disk full"),
      .saveCancelled(path: "/photos/anna-relit.png"),
      .lookOpened(path: "a.toml", look: Look()), .lookFailed(message: "bad"),
      .environmentFailed(name: "x", message: "gone"), .libraryListed(Sample.library),
      .saveWouldReplace(SaveRequest(path: "/photos/c.png", content: .passes)),
      .saveProgress(path: "/photos/c.png", fraction: .nan), .turntableTick,
      .recoveryFound(generation: opening, look: Look(rig: Sample.rig("Left", 2))),
      .folderListed(Sample.listing), .folderListed(FolderListing(path: "/", problem: "gone")),
      .filePreviewed(path: "/photos/anna.jpg", picture), .keyRested(count: 1),
      .lightEstimated(portrait: "/photos/anna.jpg", Sample.rig("original", 2)),
      .beginFilter, .reopen, .thumbnailMade(.environment("overcast"), Sample.thumbnail),
      .magnify(isNearer: true), .pan(x: 3, y: -2), .moveMeter(x: 90, y: -70),
      .report(.note, "hello"), .messageExpired(id: state.messages.current?.id ?? 0),
    ]
    return actions.randomElement(using: &random)!
  }

  static func key(_ random: inout some RandomNumberGenerator) -> Key {
    let bound = Sample.keymap.bindings.randomElement(using: &random)!.on
    let others = [Key("z"), Key("a"), Key("7"), Key(.escape), Key(.enter), Key(.function(5))]
    return Int.random(in: 0..<4, using: &random) == 0
      ? others.randomElement(using: &random)! : bound.randomElement(using: &random)!
  }

  static func mouse(
    _ random: inout some RandomNumberGenerator, _ size: TerminalSize
  ) -> MouseEvent {
    let kinds: [MouseEvent.Kind] = [
      .press(.left), .press(.right), .drag(.left), .drag(.left), .release(.left), .scrollUp,
      .scrollDown, .scrollLeft,
    ]
    let position = CellPosition(
      column: Int.random(in: -1...max(0, size.columns), using: &random),
      row: Int.random(in: -1...max(0, size.rows), using: &random))
    return MouseEvent(kind: kinds.randomElement(using: &random)!, position: position)
  }

  static func size(_ random: inout some RandomNumberGenerator) -> TerminalSize {
    let columns = Int.random(in: 0...200, using: &random)
    let rows = Int.random(in: 0...60, using: &random)
    let tellsPixels = Bool.random(using: &random)
    return TerminalSize(
      columns: columns, rows: rows, pixelWidth: tellsPixels ? columns * 9 : 0,
      pixelHeight: tellsPixels ? rows * 18 : 0)
  }
}
