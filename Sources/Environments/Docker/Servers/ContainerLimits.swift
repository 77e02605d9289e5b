/// What one container of a drill may use. A restored database runs what is in the dump.
package struct ContainerLimits: Sendable, Equatable {
    /// Bytes, swap included.
    package var memory: Int64
    /// Nil: all there are.
    package var processors: Double?
    package var processes: Int64

    package init(memory: Int64 = 4 << 30, processors: Double? = nil, processes: Int64 = 512) {
        self.memory = memory
        self.processors = processors
        self.processes = processes
    }
}
