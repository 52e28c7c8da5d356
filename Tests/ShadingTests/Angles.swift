import Foundation

/// Azimuth of a vector in degrees.
func atan2Degrees(_ x: Float, _ z: Float) -> Float { atan2(x, z) * 180 / .pi }

/// Elevation of a unit vector's y in degrees.
func asinDegrees(_ y: Float) -> Float { asin(min(max(y, -1), 1)) * 180 / .pi }
