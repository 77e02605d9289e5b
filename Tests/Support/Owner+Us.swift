import Bindings
import Recovery

extension Owner {
    /// The process that the tests run in.
    package static var us: Owner {
        Owner(host: Machine.hostName, pid: ThisProcess.pid, processStart: ThisProcess.startTime, namespace: ThisProcess.namespace)
    }

    /// A process of this host that is not there any more.
    package static var dead: Owner {
        Owner(host: Machine.hostName, pid: ThisProcess.pid, processStart: 1, namespace: ThisProcess.namespace)
    }
}
