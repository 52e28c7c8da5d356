import Imaging

/// One image per pass and the two mattes, all of one extent.
///
/// Albedo and raw diffuse are `.linear`, normals are `.data` unit vectors of −1..1, the others
/// `.data` of 0..1.
public struct PassStack: Equatable, Sendable {
  /// Light-free diffuse reflectance, 3 channels.
  public let albedo: Image
  /// Unit vectors in the camera's frame, 3 channels.
  public let normal: Image
  /// Specular reflectance, 1 channel.
  public let specular: Image
  /// Translucency, 1 channel.
  public let translucency: Image
  /// Ambient occlusion, 1 channel.
  public let ao: Image
  /// Raw diffuse colour, 3 channels.
  public let diffuse: Image
  /// Matte of the facial skin, 1 channel.
  public let skin: Image
  /// Matte of the whole person, 1 channel.
  public let subject: Image
}

extension PassStack {
  /// Columns of pixels of every pass.
  public var width: Int { albedo.width }
  /// Rows of pixels of every pass.
  public var height: Int { albedo.height }

  /// Takes passes and mattes after checking that they fit together.
  ///
  /// - Parameters:
  ///   - passes: All six passes with the channels and encodings of `PassKind`.
  ///   - skin: One channel, 0..1.
  ///   - subject: One channel, 0..1.
  /// - Throws: `missingPass`, `channelMismatch`, `encodingMismatch` or `extentMismatch`.
  public init(passes: [PassKind: Image], skin: Image, subject: Image) throws(PassError) {
    func pass(_ kind: PassKind) throws(PassError) -> Image {
      guard let image = passes[kind] else { throw .missingPass(kind) }
      return image
    }
    self = PassStack(
      albedo: try pass(.albedo), normal: try pass(.normal), specular: try pass(.specular),
      translucency: try pass(.translucency), ao: try pass(.ao), diffuse: try pass(.diffuse),
      skin: skin, subject: subject)
    for kind in PassKind.allCases {
      try check(self[kind], name: kind.rawValue, channels: kind.channels, encoding: kind.encoding)
    }
    try check(skin, name: MatteKind.skin.rawValue, channels: 1, encoding: .data)
    try check(subject, name: MatteKind.subject.rawValue, channels: 1, encoding: .data)
  }

  /// The image of a pass.
  public subscript(kind: PassKind) -> Image {
    switch kind {
    case .albedo: albedo
    case .normal: normal
    case .specular: specular
    case .translucency: translucency
    case .ao: ao
    case .diffuse: diffuse
    }
  }

  /// The image of a matte.
  public subscript(matte: MatteKind) -> Image {
    switch matte {
    case .skin: skin
    case .subject: subject
    }
  }

  /// All passes at another extent, normals made unit vectors again.
  public func resized(width: Int, height: Int) -> PassStack {
    if width == self.width && height == self.height { return self }
    // The cubic filter overshoots at edges; what is defined on a range stays inside it.
    func resized(_ image: Image, upTo limit: Float = 1) -> Image {
      image.resized(width: width, height: height).clamped(to: 0...limit)
    }
    return PassStack(
      albedo: resized(albedo),
      normal: normal.resized(width: width, height: height).normalizedVectors(),
      specular: resized(specular),
      translucency: resized(translucency),
      ao: resized(ao),
      diffuse: resized(diffuse, upTo: .greatestFiniteMagnitude),
      skin: resized(skin),
      subject: resized(subject))
  }

  private func check(
    _ image: Image, name: String, channels: Int, encoding: ColorEncoding
  ) throws(PassError) {
    if image.channels != channels {
      throw .channelMismatch(pass: name, expected: channels, found: image.channels)
    }
    if image.encoding != encoding {
      throw .encodingMismatch(pass: name, expected: encoding, found: image.encoding)
    }
    if image.width != width || image.height != height || image.pixelCount == 0 {
      throw .extentMismatch(
        pass: name, expected: albedo.extent, found: image.extent)
    }
  }
}
