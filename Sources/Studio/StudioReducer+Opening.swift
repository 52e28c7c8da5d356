extension StudioState {
  // MARK: - The open dialog

  /// Shows a folder that was listed for the open dialog.
  mutating func show(_ listing: FolderListing) -> [StudioEffect] {
    guard case .openDialog(var dialog)? = interface.overlays.last else { return [] }
    let isTaken = dialog.take(listing)
    replaceTop(.openDialog(dialog))
    if let problem = listing.problem { return say(.error, problem) }
    return isTaken ? previewSelectedFile() + requestThumbnails() : []
  }

  /// Goes to a folder in the open dialog.
  mutating func enter(_ folder: String, in dialog: OpenDialog) -> [StudioEffect] {
    var dialog = dialog
    dialog.enter(folder)
    replaceTop(.openDialog(dialog))
    return [.listFolder(path: folder)]
  }

  /// Asks for the picture of the file that the open dialog has selected.
  mutating func previewSelectedFile() -> [StudioEffect] {
    guard case .openDialog(let dialog)? = interface.overlays.last, let entry = dialog.selected
    else { return [] }
    let area = StudioLayout(self).picture
    guard !area.isEmpty else { return [] }
    switch entry {
    case .recent, .file:
      let path = dialog.path(of: entry)
      return path == dialog.preview?.path
        ? [] : [.previewFile(path: path, columns: area.columns, rows: area.rows)]
    case .parent, .folder: return []
    }
  }

  /// Opens the selected portrait or enters the selected folder; what is typed and not listed stands
  /// for itself.
  mutating func acceptOpening(_ dialog: OpenDialog) -> [StudioEffect] {
    let entry = dialog.selected ?? .file(dialog.filter.text)
    let path = dialog.typedPath ?? dialog.path(of: entry)
    switch entry {
    case .parent, .folder: return enter(path, in: dialog)
    case .recent, .file:
      guard !path.hasSuffix("/") else { return [] }
      interface.overlays.removeLast()
      return reduce(&self, .open(path: path, framing: "auto"))
    }
  }

  // MARK: - Tasks

  /// Something under way that the task list shows.
  struct Task: Equatable {
    /// What is being done.
    var name: String
    /// How far it is; nil where that is not known.
    var fraction: Double?
    /// Whether it has been asked to stop.
    var isCancelling: Bool
  }

  /// Everything under way: the decomposition first, then files in the order they are written.
  var tasks: [Task] {
    let opening = jobs.decomposition.map { job in
      Task(
        name: "\(DecompositionStage.title(of: job.stage)): \(job.request.path.lastPathComponent)",
        fraction: job.fraction, isCancelling: job.isCancelling)
    }
    return (opening.map { [$0] } ?? [])
      + jobs.saving.map {
        Task(
          name: "Writing \($0.lastPathComponent)", fraction: jobs.savedShare[$0],
          isCancelling: jobs.isCancellingSaves)
      }
  }

  /// Stops the task selected in the list, or the first where no list is open.
  mutating func cancelSelectedTask() -> [StudioEffect] {
    let selection =
      if case .tasks(let row)? = interface.overlays.last { row } else { 0 }
    guard tasks.indices.contains(selection), !tasks[selection].isCancelling else { return [] }
    if selection == 0, let job = jobs.decomposition {
      jobs.decomposition?.isCancelling = true
      return say(.note, "cancelling") + [.cancelDecomposition(generation: job.request.generation)]
    }
    jobs.isCancellingSaves = true
    return say(.note, "cancelling") + [.cancelSaving]
  }
}
