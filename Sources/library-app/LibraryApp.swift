@main
struct LibraryApp {
    static func main() {}
}
