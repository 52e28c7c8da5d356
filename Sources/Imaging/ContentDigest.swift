import CCrypto

/// SHA-256 (FIPS 180-4), the name by which files are remembered.
public enum ContentDigest {
  /// The digest of some bytes as 64 hexadecimal digits.
  public static func sha256(_ bytes: [UInt8]) -> String {
    bytes.withUnsafeBytes { sha256(of: [$0]) }
  }

  /// The digest of several runs of bytes, one after the other, as 64 hexadecimal digits.
  public static func sha256(of parts: [UnsafeRawBufferPointer]) -> String {
    let context = EVP_MD_CTX_new()
    defer { EVP_MD_CTX_free(context) }
    var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var count: UInt32 = 0
    // These calls fail only when memory runs out or a provider forbids the algorithm.
    var isDone = EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1
    for part in parts {
      isDone = isDone && EVP_DigestUpdate(context, part.baseAddress, part.count) == 1
    }
    isDone = isDone && EVP_DigestFinal_ex(context, &digest, &count) == 1
    precondition(isDone, "libcrypto computes no SHA-256")
    let digits = Array("0123456789abcdef".utf8)
    return String(
      decoding: digest.prefix(Int(count)).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] },
      as: UTF8.self)
  }
}
