import Glibc

/// Only for tests that run in a process of their own.
func setVariable(_ name: String, _ value: String) {
    unsafe _ = setenv(name, value, 1)
}
