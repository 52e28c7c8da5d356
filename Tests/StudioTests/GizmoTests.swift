import Studio
import Testing

@Suite struct GizmoTests {
  @Test("a direction and its point on the disc belong together")
  func roundTrip() {
    for azimuth in stride(from: Float(-170), through: 170, by: 10) {
      for elevation in stride(from: Float(-80), through: 80, by: 10) {
        let point = Gizmo.point(azimuthDegrees: azimuth, elevationDegrees: elevation)
        let direction = Gizmo.direction(of: point)
        #expect(abs(direction.azimuthDegrees - azimuth) <= 1, "\(azimuth), \(elevation)")
        #expect(abs(direction.elevationDegrees - elevation) <= 1, "\(azimuth), \(elevation)")
      }
    }
  }

  @Test("the middle is the camera, right is right, up is up, the ring is behind")
  func meaning() {
    let camera = Gizmo.direction(of: Gizmo.Point(x: 0, y: 0))
    #expect(camera.azimuthDegrees == 0 && camera.elevationDegrees == 0)
    let right = Gizmo.direction(of: Gizmo.Point(x: 1, y: 0))
    #expect(right.azimuthDegrees == 90 && right.elevationDegrees == 0)
    let up = Gizmo.direction(of: Gizmo.Point(x: 0, y: 1))
    #expect(up.elevationDegrees == 90)
    let behind = Gizmo.direction(of: Gizmo.Point(x: 1.2, y: 0))
    #expect(behind.azimuthDegrees > 90)
    let left = Gizmo.point(azimuthDegrees: -120, elevationDegrees: 0)
    #expect(left.x < -1)
  }

  @Test("straight behind stays on the disc")
  func straightBehind() {
    let point = Gizmo.point(azimuthDegrees: 180, elevationDegrees: 0)
    let radius = (point.x * point.x + point.y * point.y).squareRoot()
    #expect(radius <= Gizmo.outerRadius + 0.001)
  }
}
