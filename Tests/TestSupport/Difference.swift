internal import CustomDump

/// How two values differ, in a form a person can read; nil where they do not.
///
/// `expectNoDifference` of the library passes on a difference under swift-testing unless one more product is linked.
public func difference<T>(_ a: T, _ b: T) -> String? { diff(a, b) }
