/// How much of some lights the relief and its creases let through to every pixel.
struct Occlusion {
  private let grids: [Float]
  private let walks: [ContactShadow.Walk?]
  private let creases: ContactShadow?
  private let lookup: CastShadow.Lookup
  private let samples: SurfaceSamples
  private let shadow: CastShadow

  /// Walks to lights from sides that no light came from before.
  init(
    of sources: [LightSource], samples: SurfaceSamples, creases: ContactShadow?,
    shadow: inout CastShadow
  ) {
    let lookup = shadow.lookup(width: samples.width, height: samples.height)
    grids = sources.flatMap { source in
      source.castsShadow ? shadow.visibility(of: source) : lookup.fullVisibility
    }
    walks = sources.map { creases?.walk(to: $0) }
    self.creases = creases
    self.lookup = lookup
    self.samples = samples
    self.shadow = shadow
  }

  /// Opens it for reading by several threads.
  func withView(_ body: (View) -> Void) {
    grids.withUnsafeBufferPointer { grids in
      shadow.withDepth { depth in
        samples.runs.withView { runs in
          body(
            View(
              grids: grids, depth: depth, runs: runs, walks: walks, creases: creases,
              lookup: lookup))
        }
      }
    }
  }

  /// What strips ask for.
  struct View: @unchecked Sendable {
    // Only read.
    fileprivate let grids: UnsafeBufferPointer<Float>
    fileprivate let depth: UnsafePointer<Float>
    fileprivate let runs: PixelRuns.View
    fileprivate let walks: [ContactShadow.Walk?]
    fileprivate let creases: ContactShadow?
    fileprivate let lookup: CastShadow.Lookup

    /// Fills one strip with how much of a light it sees.
    func visibility(light: Int, strip: Int, _ visible: UnsafeMutablePointer<Float>) {
      guard let grid = grids.baseAddress.map({ $0 + light * lookup.count }) else { return }
      lookup.fill(visible, runs: runs[strip], from: grid)
      if let walk = walks[light] { creases?.apply(walk, to: visible, runs: runs[strip]) }
    }

    /// Fills three lanes with where a strip's pixels lie relative to the middle of the face, in heads.
    func positions(strip: Int, _ positions: UnsafeMutablePointer<Float>) {
      lookup.positions(positions, runs: runs[strip], depth: depth)
    }
  }
}
