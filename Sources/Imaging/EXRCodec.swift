import CImageCodecs
import Foundation

/// The planes of a multilayer OpenEXR file.
public struct LayeredImage: Equatable, Sendable {
  /// How a channel is stored.
  public enum Precision: Sendable {
    /// 16 bits, enough for colour.
    case half
    /// 32 bits, for depth and position.
    case float
  }

  /// One named plane.
  public struct Channel: Equatable, Sendable {
    /// The full name, "layer.R".
    public let name: String
    /// How a file stores the samples; what is read says `float`.
    public let precision: Precision
    /// `width * height` samples, rows from the top.
    public let samples: ArraySlice<Float>

    /// Makes a plane.
    public init(name: String, precision: Precision, samples: ArraySlice<Float>) {
      self.name = name
      self.precision = precision
      self.samples = samples
    }
  }

  /// Columns of pixels.
  public let width: Int
  /// Rows of pixels.
  public let height: Int
  /// The planes; files keep them sorted by name.
  public let channels: [Channel]
  /// Texts of the file's header by name.
  public let attributes: [String: String]

  /// Puts planes together.
  ///
  /// - Precondition: every plane has `width * height` samples.
  public init(
    width: Int, height: Int, channels: [Channel], attributes: [String: String] = [:]
  ) {
    precondition(
      channels.allSatisfy { $0.samples.count == width * height },
      "every plane must have \(width)×\(height) samples")
    self.width = width
    self.height = height
    self.channels = channels
    self.attributes = attributes
  }

  /// The plane of a full name.
  public subscript(name: String) -> ArraySlice<Float>? {
    channels.first { $0.name == name }?.samples
  }

  /// One picture as R, G, B or Y, linear light in 16 bits.
  init(picture: Image) {
    let light = picture.encoding == .sRGB ? picture.converted(to: .linear) : picture
    let names = light.channels == 3 ? ["R", "G", "B"] : ["Y"]
    self.init(
      width: light.width, height: light.height,
      channels: names.enumerated().map { index, name in
        Channel(name: name, precision: .half, samples: light.samples(ofChannel: index))
      })
  }

  /// The beauty of the file as linear light: bare R, G, B or Y.
  func colorImage(path: String) throws(ImageFileError) -> Image {
    let planes = ["R", "G", "B"].compactMap { self[$0] }
    let luminance = self["Y"].map { [$0, $0, $0] } ?? []
    let chosen = planes.count == 3 ? planes : luminance
    guard chosen.count == 3 else {
      throw .unsupported(
        path: path, format: .openEXR, feature: "a picture without channels R, G, B or Y")
    }
    return Image(
      width: width, height: height, channels: 3, encoding: .linear, samples: Array(chosen.joined()))
  }
}

/// OpenEXR by OpenEXRCore.
enum EXRCodec {
  /// More channels than any renderer writes; a header that claims more is not allocated for.
  private static let maximumChannels = 128

  static func decode(_ bytes: [UInt8], path: String) throws(ImageFileError) -> LayeredImage {
    let subject = CodecSubject(path: path, format: .openEXR)
    // The decoder keeps the pointer, so all of its life lies inside this closure.
    return try bytes.withUnsafeBufferPointer { (bytes) throws(ImageFileError) in
      try decode(bytes, subject: subject)
    }
  }

  private static func decode(
    _ bytes: UnsafeBufferPointer<UInt8>, subject: CodecSubject
  ) throws(ImageFileError) -> LayeredImage {
    var report = codec_report()
    var description = codec_exr_description()
    guard let decoder = codec_exr_open(bytes.baseAddress, bytes.count, &description, &report)
    else { throw subject.error(report) }
    defer { codec_exr_close(decoder) }
    let (width, height) = (Int(description.width), Int(description.height))
    try subject.check(width: width, height: height)
    let count = Int(description.channels)
    if count > maximumChannels {
      throw .unsupported(path: subject.path, format: .openEXR, feature: "\(count) channels")
    }
    // A refused file leaves some samples unset.
    let samples = [Float](unsafeUninitializedCapacity: count * width * height) {
      buffer, initialized in
      let isRead = codec_exr_read(decoder, buffer.baseAddress, &report) == CODEC_OK
      initialized = isRead ? buffer.count : 0
    }
    guard report.status == CODEC_OK else { throw subject.error(report) }
    let channels = (0..<count).map { index in
      LayeredImage.Channel(
        name: String(cString: codec_exr_channel_name(decoder, Int32(index))), precision: .float,
        samples: samples[index * width * height..<(index + 1) * width * height])
    }
    var attributes: [String: String] = [:]
    for index in 0..<description.attributes {
      var name: UnsafePointer<CChar>?
      let value = codec_exr_attribute(decoder, index, &name)
      if let name, let value { attributes[String(cString: name)] = String(cString: value) }
    }
    return LayeredImage(width: width, height: height, channels: channels, attributes: attributes)
  }

  /// Writes a file through a descriptor that can be written anywhere.
  ///
  /// - Returns: The reason of a failure, nil when all went well.
  static func write(
    _ layers: LayeredImage, isCompressed: Bool, to descriptor: Int32
  ) -> String? {
    // The encoder takes pointers to every text and plane, which must stay put until it returns.
    let attributes = layers.attributes.sorted { $0.key < $1.key }
    let texts = (layers.channels.map(\.name) + attributes.flatMap { [$0.key, $0.value] })
      .map { strdup($0) }
    defer { for text in texts { free(text) } }
    let values = texts.suffix(2 * attributes.count).map { UnsafePointer<CChar>($0) }
    let stored = stride(from: 0, to: values.count, by: 2).map { index in
      codec_exr_text(name: values[index], value: values[index + 1])
    }
    var report = codec_report()
    let status = withPlanes(of: layers.channels[...]) { planes in
      let channels = layers.channels.enumerated().map { index, channel in
        codec_exr_channel(
          name: texts[index], is_half: channel.precision == .half ? 1 : 0, plane: planes[index])
      }
      return channels.withUnsafeBufferPointer { channels in
        stored.withUnsafeBufferPointer { stored in
          var picture = codec_exr_picture(
            width: Int32(layers.width), height: Int32(layers.height),
            channels: channels.baseAddress, channel_count: Int32(channels.count),
            attributes: stored.baseAddress, attribute_count: Int32(stored.count),
            is_compressed: isCompressed ? 1 : 0,
            for_each: { count, context, body in
              // Each index is a chunk of its own.
              nonisolated(unsafe) let context = context
              Parallel.forEach(count: Int(count)) { body?(context, Int32($0)) }
            })
          return codec_exr_write(&picture, descriptor, &report)
        }
      }
    }
    return status == CODEC_OK ? nil : report.text
  }

  /// The first samples of all channels, which stay there during `body`.
  private static func withPlanes(
    of channels: ArraySlice<LayeredImage.Channel>, pinned: [UnsafePointer<Float>?] = [],
    _ body: ([UnsafePointer<Float>?]) -> codec_status
  ) -> codec_status {
    guard let channel = channels.first else { return body(pinned) }
    return channel.samples.withUnsafeBufferPointer {
      withPlanes(of: channels.dropFirst(), pinned: pinned + [$0.baseAddress], body)
    }
  }
}
