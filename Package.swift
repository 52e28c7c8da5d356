// swift-tools-version: 6.2
// Targets stand in the order of the data flow: a photograph enters at the top, pixels leave at the bottom.

import PackageDescription

let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]

/// The program carries Swift's libraries: it starts sooner, and runs where Swift is not installed.
let ownRuntime: [LinkerSetting] = [
  .unsafeFlags([
    "-static-stdlib", "-lCoreFoundation", "-l_FoundationCShims", "-l_FoundationCollections",
    "-l_FoundationICU",
  ])
]

let package = Package(
  name: "Chiaro",
  products: [.executable(name: "chiaro", targets: ["chiaro"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
  ],
  targets: [
    // MARK: Photograph in
    .target(name: "CImageCodecs"),
    .systemLibrary(name: "CCrypto"),
    .target(name: "Imaging", dependencies: ["CCrypto", "CImageCodecs"], swiftSettings: strict),
    .target(name: "CFaceLandmarks"),
    .plugin(
      name: "UnpackedDetector", capability: .buildTool(), path: "Sources/UnpackedDetector",
      exclude: ["unpack_detector.cpp"]),
    .target(
      name: "FaceAlignment", dependencies: ["CFaceLandmarks", "Imaging"], swiftSettings: strict,
      plugins: ["UnpackedDetector"]),
    .target(name: "RenderPasses", dependencies: ["Imaging"], swiftSettings: strict),

    // MARK: Three networks
    .target(name: "COneDNN"),
    .target(name: "CConvolutionKernels"),
    .target(
      name: "NeuralRuntime", dependencies: ["CConvolutionKernels", "COneDNN"],
      swiftSettings: strict),
    .target(
      name: "Decomposition",
      dependencies: ["FaceAlignment", "Imaging", "NeuralRuntime", "RenderPasses"],
      swiftSettings: strict),

    // MARK: Light
    .target(name: "CShadingKernels"),
    .target(
      name: "Shading", dependencies: ["CShadingKernels", "Imaging", "RenderPasses"],
      swiftSettings: strict),

    // MARK: Terminal
    .target(name: "TerminalCells", swiftSettings: strict),
    .systemLibrary(
      name: "CChafa", pkgConfig: "chafa",
      providers: [.apt(["libchafa-dev", "libglib2.0-dev", "pkg-config"])]),
    .target(name: "CSymbolArt", dependencies: ["CChafa"]),
    .target(
      name: "TerminalGraphics", dependencies: ["CSymbolArt", "Imaging", "TerminalCells"],
      swiftSettings: strict),
    .systemLibrary(name: "CNcurses"),
    .target(
      name: "CursesDevice", dependencies: ["CNcurses", "TerminalCells"], swiftSettings: strict),

    // MARK: Studio
    .target(
      name: "Studio", dependencies: ["RenderPasses", "Shading", "TerminalCells"],
      swiftSettings: strict),
    .target(
      name: "StudioFiles",
      dependencies: [
        "Shading", "Studio", "TerminalCells", .product(name: "TOMLKit", package: "TOMLKit"),
      ],
      swiftSettings: strict),
    .systemLibrary(name: "CMalloc"),
    .target(
      name: "StudioRuntime",
      dependencies: [
        "CMalloc", "Decomposition", "FaceAlignment", "Imaging", "NeuralRuntime", "RenderPasses",
        "Shading", "Studio", "StudioFiles", "TerminalCells", "TerminalGraphics",
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "chiaro",
      dependencies: [
        "CursesDevice", "Decomposition", "FaceAlignment", "Imaging", "NeuralRuntime",
        "RenderPasses", "Shading", "Studio", "StudioFiles", "StudioRuntime", "TerminalCells",
        "TerminalGraphics",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict, linkerSettings: ownRuntime),

    // MARK: Benchmarks
    .executableTarget(
      name: "Benchmarks",
      dependencies: [
        "Imaging", "RenderPasses", "Shading", "Studio", "StudioFiles", "StudioRuntime",
        "TerminalCells", "TerminalGraphics", "TestSupport",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),

    // MARK: Tests
    .target(
      name: "TestSupport", dependencies: ["Imaging", "RenderPasses", "TerminalCells"],
      swiftSettings: strict),
    .testTarget(
      name: "ImagingTests", dependencies: ["Imaging", "TestSupport"],
      swiftSettings: strict),
    .target(name: "CFaceReference", path: "Tests/CFaceReference"),
    .testTarget(
      name: "FaceAlignmentTests",
      dependencies: ["CFaceReference", "FaceAlignment", "Imaging", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "RenderPassesTests", dependencies: ["RenderPasses", "Imaging", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "NeuralRuntimeTests", dependencies: ["NeuralRuntime", "TestSupport"],
      resources: [.copy("Fixtures")], swiftSettings: strict),
    .testTarget(
      name: "DecompositionTests",
      dependencies: [
        "Decomposition", "NeuralRuntime", "FaceAlignment", "RenderPasses", "Imaging", "TestSupport",
      ],
      resources: [.copy("Fixtures")], swiftSettings: strict),
    .testTarget(
      name: "ShadingTests", dependencies: ["Shading", "RenderPasses", "Imaging", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "TerminalCellsTests", dependencies: ["TerminalCells", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "TerminalGraphicsTests",
      dependencies: ["TerminalGraphics", "TerminalCells", "Imaging", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "CursesDeviceTests", dependencies: ["CursesDevice", "TerminalCells", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "StudioTests",
      dependencies: ["Studio", "Shading", "RenderPasses", "TerminalCells", "TestSupport"],
      exclude: ["Snapshots"], swiftSettings: strict),
    .testTarget(
      name: "StudioFilesTests",
      dependencies: ["StudioFiles", "Studio", "Shading", "TerminalCells", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "StudioRuntimeTests",
      dependencies: [
        "StudioRuntime", "Studio", "StudioFiles", "Decomposition", "FaceAlignment", "RenderPasses",
        "Shading", "Imaging", "TerminalCells", "TerminalGraphics", "TestSupport",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "EndToEndTests",
      dependencies: [
        "Imaging", "RenderPasses", "TerminalCells", "TerminalGraphics", "TestSupport",
      ],
      swiftSettings: strict),
  ],
  cxxLanguageStandard: .cxx17
)
