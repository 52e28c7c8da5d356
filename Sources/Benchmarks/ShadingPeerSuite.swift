import Foundation
import Imaging
import RenderPasses
import Shading
import StudioFiles

extension Suite {
  /// The shader beside the same light in a plain C loop at -O3, in numpy and in Taichi, where these are
  /// installed for the `python3` of the search path.
  ///
  /// The peers shade as many pixels under as many lights with the same lobes and read a shadow per light,
  /// but diffuse nothing below the skin, have no surroundings and walk over no relief. Processor time is
  /// compared: they use one core, the shader all.
  static let shadingPeers = Suite(name: "shading-peers") { recorder, assets in
    let (stack, _) = try PassFolder.read(assets.path("portraits/sample-passes"))
    let pixels = stack.subject.samples.count { $0 > 0 }
    var look = Look(rig: Suite.fourLights)
    look.rig.environment.isOn = false
    var relighter = Relighter(stack: stack, portrait: nil)
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("chiaro-peers-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let source = folder.appendingPathComponent("peer.c").path
    let program = folder.appendingPathComponent("peer").path
    let arrays = folder.appendingPathComponent("arrays.py").path
    let taichi = folder.appendingPathComponent("taichi_peer.py").path
    try Data(plainLoop.utf8).write(to: URL(fileURLWithPath: source))
    try Data(arrayScript.utf8).write(to: URL(fileURLWithPath: arrays))
    try Data(taichiScript.utf8).write(to: URL(fileURLWithPath: taichi))
    let compiled = try output(["cc", "-O3", "-o", program, source, "-lm"]) != nil
    let peers: [(name: String, command: [String])] = [
      ("C loop at -O3", compiled ? [program, "\(pixels)"] : []),
      ("numpy", ["python3", arrays, "\(pixels)"]),
      ("Taichi", ["python3", taichi, "\(pixels)"]),
    ]
    var own: [Double] = []
    var others = [[Double]](repeating: [], count: peers.count)
    // In turns, so that whatever else the machine does meets all of them.
    for _ in 0..<3 {
      for turn in 0..<10 {
        for index in look.rig.lights.indices { look.rig.lights[index].azimuthDegrees += 5 }
        let elapsed = processorTime {
          _ = relighter.display(look: look, environment: nil, size: stack.albedo.extent)
        }
        // The first ones prepare the portrait and the horizons of new directions.
        if turn > 4 { own.append(elapsed) }
      }
      for (index, peer) in peers.enumerated() where !peer.command.isEmpty {
        // Taichi says where it starts before its time.
        if let line = try output(peer.command)?.split(separator: "\n").last,
          let time = Double(line)
        {
          others[index].append(time)
        }
      }
    }
    let time = own.quantile(0.5)
    recorder.figure("all lights: processor time", time, unit: "ms")
    for (peer, times) in zip(peers, others) {
      guard !times.isEmpty else {
        recorder.remark("\(peer.name): not installed, not compared")
        continue
      }
      let other = times.quantile(0.5)
      recorder.figure("\(peer.name): processor time", other, unit: "ms")
      recorder.figure(
        "times faster than \(peer.name)", other / time, unit: "×", goal: .atLeast(1))
    }
  }

  /// What a command prints; nothing where it is missing or fails.
  private static func output(_ command: [String]) throws -> String? {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = command
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { return nil }
    return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
  }

  private static let plainLoop = """
    #include <math.h>
    #include <stdio.h>
    #include <stdlib.h>
    #include <time.h>
    typedef struct { float n[3], albedo[3], s, rough, out[3]; } pixel;
    static float diffuse(float c, float w) {
      return c <= -w ? 0 : c >= w ? c : (c + w) * (c + w) / (4 * w);
    }
    static float lobe(float nl, float nh, float nv, float a) {
      float b = nh * nh * (a - 1) + 1;
      return a / (b * b) * 0.5f
             / (nl * sqrtf(a + (1 - a) * nv * nv) + nv * sqrtf(a + (1 - a) * nl * nl));
    }
    int main(int argc, char **argv) {
      size_t count = strtoul(argv[1], 0, 10);
      pixel *p = malloc(count * sizeof *p);
      float *shadow = malloc(4 * 65536 * sizeof *shadow);
      float l[4][3] = {{.6f, .5f, .62f}, {-.5f, 0, .87f}, {.4f, .5f, -.77f}, {-.8f, .3f, -.52f}};
      for (size_t i = 0; i < 4 * 65536; i++) shadow[i] = (i % 97) / 97.0f;
      for (size_t i = 0; i < count; i++) {
        float x = sinf(i * 0.01f) * 0.6f, y = cosf(i * 0.013f) * 0.6f;
        p[i] = (pixel){{x, y, sqrtf(1 - x * x - y * y)}, {.5f, .35f, .3f}, .35f, .45f, {0}};
      }
      double best = 1e9;
      for (int turn = 0; turn < 5; turn++) {
        clock_t start = clock();
        for (size_t i = 0; i < count; i++) {
          float sum[3] = {0}, gloss = 0, nv = fmaxf(p[i].n[2], 0.02f);
          for (int k = 0; k < 4; k++) {
            float h[3] = {l[k][0], l[k][1], l[k][2] + 1};
            float s = 1 / sqrtf(h[0] * h[0] + h[1] * h[1] + h[2] * h[2]);
            float c = p[i].n[0] * l[k][0] + p[i].n[1] * l[k][1] + p[i].n[2] * l[k][2];
            float nh = fmaxf((p[i].n[0] * h[0] + p[i].n[1] * h[1] + p[i].n[2] * h[2]) * s, 0);
            float nl = fmaxf(c, 0), r = p[i].rough * p[i].rough, f0 = 0.08f * p[i].s;
            float u = (i % 1024) * 0.25f, v = (i / 1024) % 1020 * 0.25f;
            float *g = shadow + k * 65536 + (int)v * 256 + (int)u, fu = u - (int)u, fv = v - (int)v;
            float seen = (g[0] * (1 - fu) + g[1] * fu) * (1 - fv)
                         + (g[256] * (1 - fu) + g[257] * fu) * fv;
            float f = f0 + (1 - f0) * powf(1 - fmaxf(h[2] * s, 0), 5);
            for (int j = 0; j < 3; j++) sum[j] += seen * diffuse(c, 0.05f + 0.02f * j);
            gloss += seen * nl * f
                     * (0.85f * lobe(nl, nh, nv, r * r * 0.7f) + 0.15f * lobe(nl, nh, nv, r * r * 2));
          }
          for (int j = 0; j < 3; j++) {
            float c = fminf(fmaxf(sum[j] * p[i].albedo[j] + gloss, 0), 1);
            p[i].out[j] = c <= 0.0031308f ? 12.92f * c : 1.055f * powf(c, 1 / 2.4f) - 0.055f;
          }
        }
        double time = (clock() - start) * 1e3 / CLOCKS_PER_SEC;
        if (time < best) best = time;
      }
      // Uses the picture, so that it is not optimised away.
      printf("%.3f\\n", best + (p[count / 2].out[0] > 2));
    }
    """

  private static let arrayScript = """
    import sys, time
    import numpy as np
    count = int(sys.argv[1])
    i = np.arange(count, dtype=np.float32)
    n = np.stack([np.sin(i * .01) * .6, np.cos(i * .013) * .6, i * 0]).astype(np.float32)
    n[2] = np.sqrt(1 - n[0] ** 2 - n[1] ** 2)
    albedo = np.array([.5, .35, .3], np.float32)[:, None]
    shadow = (np.arange(4 * 65536) % 97 / 97).astype(np.float32).reshape(4, 65536)
    u, v = (i % 1024) * .25, (i // 1024) % 1020 * .25
    corner = v.astype(int) * 256 + u.astype(int)
    fu, fv = np.float32(u % 1), np.float32(v % 1)
    lights = np.array([[.6, .5, .62], [-.5, 0, .87], [.4, .5, -.77], [-.8, .3, -.52]], np.float32)
    def diffuse(c, w):
        return np.where(c >= w, c, np.maximum(c + w, 0) ** 2 / (4 * w))
    def lobe(nl, nh, nv, a):
        b = nh * nh * (a - 1) + 1
        return a / (b * b) * .5 / (nl * np.sqrt(a + (1 - a) * nv * nv) + nv * np.sqrt(a + (1 - a) * nl * nl))
    best = 1e9
    for turn in range(3):
        start = time.process_time()
        total, gloss, nv = np.zeros((3, count), np.float32), np.zeros(count, np.float32), np.maximum(n[2], .02)
        for l, g in zip(lights, shadow):
            h = (l + [0, 0, 1]) / np.linalg.norm(l + [0, 0, 1])
            h = h.astype(np.float32)
            c, nh = l @ n, np.maximum(h @ n, 0)
            nl, a, f0 = np.maximum(c, 0), np.float32(.45 ** 4), np.float32(.028)
            seen = (g[corner] * (1 - fu) + g[corner + 1] * fu) * (1 - fv) \\
                + (g[corner + 256] * (1 - fu) + g[corner + 257] * fu) * fv
            f = f0 + (1 - f0) * max(1 - max(h[2], 0), 0) ** 5
            for j in range(3):
                total[j] += seen * diffuse(c, np.float32(.05 + .02 * j))
            gloss += seen * nl * f * (.85 * lobe(nl, nh, nv, a * .7) + .15 * lobe(nl, nh, nv, a * 2))
        c = np.clip(total * albedo + gloss, 0, 1)
        out = np.where(c <= .0031308, 12.92 * c, 1.055 * c ** (1 / 2.4) - .055)
        best = min(best, (time.process_time() - start) * 1e3)
    print("%.3f" % best)
    """

  private static let taichiScript = """
    import os, sys, time
    os.environ["ENABLE_TAICHI_HEADER_PRINT"] = "0"
    import taichi as ti
    ti.init(arch=ti.cpu, cpu_max_num_threads=1, log_level=ti.ERROR)
    count = int(sys.argv[1])
    normal, albedo = ti.Vector.field(3, ti.f32, count), ti.Vector.field(3, ti.f32, count)
    out, shadow = ti.Vector.field(3, ti.f32, count), ti.field(ti.f32, (4, 256, 256))
    lights = ti.Vector.field(3, ti.f32, 4)
    for k, l in enumerate([[.6, .5, .62], [-.5, 0, .87], [.4, .5, -.77], [-.8, .3, -.52]]):
        lights[k] = l

    @ti.kernel
    def fill():
        for i in normal:
            x, y = ti.sin(i * .01) * .6, ti.cos(i * .013) * .6
            normal[i] = [x, y, ti.sqrt(1 - x * x - y * y)]
            albedo[i] = [.5, .35, .3]
        for k, v, u in shadow:
            shadow[k, v, u] = (k * 65536 + v * 256 + u) % 97 / 97.0

    @ti.func
    def diffuse(c, w):
        e = ti.max(c + w, 0)
        return ti.select(c >= w, c, e * e / (4 * w))

    @ti.func
    def lobe(nl, nh, nv, a):
        b = nh * nh * (a - 1) + 1
        return a / (b * b) * .5 / (nl * ti.sqrt(a + (1 - a) * nv * nv) + nv * ti.sqrt(a + (1 - a) * nl * nl))

    @ti.kernel
    def shade():
        for i in normal:
            n, total, gloss = normal[i], ti.Vector([0.0, 0.0, 0.0]), 0.0
            nv, a, f0 = ti.max(n[2], .02), .45 ** 4, .028
            u, v = (i % 1024) * .25, (i // 1024) % 1020 * .25
            x, y = ti.cast(u, ti.i32), ti.cast(v, ti.i32)
            fu, fv = u - x, v - y
            for k in ti.static(range(4)):
                l = lights[k]
                h = (l + ti.Vector([0, 0, 1])).normalized()
                c, nh = n.dot(l), ti.max(n.dot(h), 0)
                nl, f = ti.max(c, 0), f0 + (1 - f0) * (1 - ti.max(h[2], 0)) ** 5
                seen = (shadow[k, y, x] * (1 - fu) + shadow[k, y, x + 1] * fu) * (1 - fv) \\
                    + (shadow[k, y + 1, x] * (1 - fu) + shadow[k, y + 1, x + 1] * fu) * fv
                for j in ti.static(range(3)):
                    total[j] += seen * diffuse(c, .05 + .02 * j)
                gloss += seen * nl * f * (.85 * lobe(nl, nh, nv, a * .7) + .15 * lobe(nl, nh, nv, a * 2))
            for j in ti.static(range(3)):
                c = ti.min(ti.max(total[j] * albedo[i][j] + gloss, 0), 1)
                out[i][j] = ti.select(c <= .0031308, 12.92 * c, 1.055 * c ** (1 / 2.4) - .055)

    fill()
    best = 1e9
    for turn in range(6):
        start = time.process_time()
        shade()
        ti.sync()
        best = min(best, (time.process_time() - start) * 1e3)
    print("%.3f" % best)
    """
}
