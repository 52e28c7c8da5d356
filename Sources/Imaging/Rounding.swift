extension Float {
  /// The nearest whole number, ties to the even one.
  ///
  /// So large a summand leaves that number in the lowest bits: unlike a conversion, which looks for numbers
  /// that do not fit, this becomes vector instructions.
  ///
  /// - Precondition: the value lies in 0..<2²³; others give any number.
  @inlinable package var nearestWhole: UInt32 { (self + 8_388_608).bitPattern & 0x7f_ffff }
}
