import Foundation
import Imaging
import Testing

@Suite struct JPEGCodecTests {
  @Test("a picture comes back nearly as it was")
  func roundTrip() throws {
    let image = waves(width: 70, height: 50, channels: 3)
    let bytes = try ImageFile.encoded(image, as: .jpeg, path: "a.jpg")
    let photograph = try ImageFile.photograph(from: bytes, path: "a.jpg")
    #expect(photograph.format == .jpeg)
    #expect(ImageMetrics.psnr(photograph.image, image) > 45)
  }

  @Test("each EXIF orientation is turned upright", arguments: 1...8)
  func orientation(number: Int) throws {
    // Upright, the corners differ; stored is what a camera held in that way would have written.
    let upright = corners(width: 48, height: 32)
    let stored = storing(upright, orientation: number)
    let plain = try ImageFile.encoded(stored, as: .jpeg, path: "a.jpg")
    let exif = Array("Exif\0\0".utf8) + exifBlock(orientation: UInt8(number))
    let bytes = inserting(exif, marker: 0xE1, intoJPEG: plain)
    let photograph = try ImageFile.photograph(from: bytes, path: "a.jpg")
    #expect(photograph.orientation == number)
    #expect(photograph.image.extent == upright.extent)
    #expect(ImageMetrics.psnr(photograph.image, upright) > 35)
  }

  @Test("an orientation out of range is taken as upright", arguments: [0, 9, 255])
  func nonsenseOrientation(number: Int) throws {
    let plain = try ImageFile.encoded(waves(width: 16, height: 16), as: .jpeg, path: "a.jpg")
    let exif = Array("Exif\0\0".utf8) + exifBlock(orientation: UInt8(number))
    let bytes = inserting(exif, marker: 0xE1, intoJPEG: plain)
    #expect(try ImageFile.photograph(from: bytes, path: "a.jpg").orientation == 1)
  }

  @Test("a profile in two parts is joined and converted")
  func profile() throws {
    let profile = matrixProfile(
      gamma: 1, red: [0.4361, 0.2225, 0.0139], green: [0.3851, 0.7169, 0.0971],
      blue: [0.1431, 0.0606, 0.7141])
    let half = profile.count / 2
    let flat = Image(width: 16, height: 16, channels: 3, encoding: .sRGB, repeating: 0.25)
    var bytes = try ImageFile.encoded(flat, as: .jpeg, path: "a.jpg")
    let parts = [Array(profile[..<half]), Array(profile[half...])]
    for index in [1, 0] {
      let payload = Array("ICC_PROFILE\0".utf8) + [UInt8(index + 1), 2] + parts[index]
      bytes = inserting(payload, marker: 0xE2, intoJPEG: bytes)
    }
    let image = try ImageFile.photograph(from: bytes, path: "a.jpg").image
    let expected = ColorTransfer.sRGB(fromLinear: 64 / 255.0)
    #expect(image.samples.allSatisfy { abs($0 - expected) < 4e-3 })
  }

  @Test("Adobe's inverted inks without a profile mix to the colour meant")
  func invertedInks() throws {
    // Magenta and yellow in full, 16×16, written by ImageMagick.
    let text = """
      /9j/7gAOQWRvYmUAZAAAAAAC/9sAQwADAgIDAgIDAwMDBAMDBAUIBQUEBAUKBwcGCAwKDAwLCgsLDQ4SEA0OEQ4LCx
      AWEBETFBUVFQwPFxgWFBgSFBUU/9sAQwEDBAQFBAUJBQUJFA0LDRQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU
      FBQUFBQUFBQUFBQUFBQUFBQUFBQU/8AAFAgAEAAQBAERAAIRAQMRAQQRAP/EABYAAQEBAAAAAAAAAAAAAAAAAAAICf
      /EABQQAQAAAAAAAAAAAAAAAAAAAAD/xAAWAQEBAQAAAAAAAAAAAAAAAAAABwn/xAAUEQEAAAAAAAAAAAAAAAAAAAAA
      /9oADgQBAAIRAxEEAAA/AKIXNlU1TAAAAf/Z
      """
    let bytes = try #require(Data(base64Encoded: text, options: .ignoreUnknownCharacters))
    let image = try ImageFile.photograph(from: Array(bytes), path: "a.jpg").image
    #expect(image[0, 8, 8] > 0.98)
    #expect(image[1, 8, 8] < 0.02)
    #expect(image[2, 8, 8] < 0.02)
  }

  /// A smooth picture that no turn leaves unchanged.
  private func corners(width: Int, height: Int) -> Image {
    var image = Image(width: width, height: height, channels: 3, encoding: .sRGB)
    for y in 0..<height {
      for x in 0..<width {
        image[0, x, y] = Float(x) / Float(width)
        image[1, x, y] = Float(y) / Float(height)
        image[2, x, y] = Float(x * y) / Float(width * height)
      }
    }
    return image
  }

  /// Where EXIF says the first stored row and column lie in the upright picture, pixel by pixel.
  private func storing(_ upright: Image, orientation: Int) -> Image {
    let swaps = orientation >= 5
    let width = swaps ? upright.height : upright.width
    let height = swaps ? upright.width : upright.height
    var stored = Image(width: width, height: height, channels: 3, encoding: .sRGB)
    for row in 0..<height {
      for column in 0..<width {
        let right = upright.width - 1
        let bottom = upright.height - 1
        let place: (x: Int, y: Int)
        switch orientation {
        case 1: place = (column, row)
        case 2: place = (right - column, row)
        case 3: place = (right - column, bottom - row)
        case 4: place = (column, bottom - row)
        case 5: place = (row, column)
        case 6: place = (right - row, column)
        case 7: place = (right - row, bottom - column)
        default: place = (row, bottom - column)
        }
        for channel in 0..<3 {
          stored[channel, column, row] = upright[channel, place.x, place.y]
        }
      }
    }
    return stored
  }
}
