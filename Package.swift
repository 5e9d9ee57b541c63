// swift-tools-version: 6.1
import PackageDescription

// The Fortran reference models reach Swift through pkg-config: `make fortran` writes
// fortran/build/libseiche_reference.a and seiche_reference.pc, and the Makefile puts that folder on
// PKG_CONFIG_PATH. "could not build C module 'CReference'" means that this step is missing.
let package = Package(
    name: "seiche",
    products: [
        .executable(name: "seiche", targets: ["SeicheCommand"]),
        .library(name: "Seiche", targets: ["Emulators", "Training", "Evaluation", "ReferenceModels", "Trajectories"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        .systemLibrary(name: "CNetCDF", pkgConfig: "netcdf", providers: [.apt(["libnetcdf-dev"])]),
        .systemLibrary(name: "CReference", pkgConfig: "seiche_reference", providers: [.apt(["gfortran"])]),
        .systemLibrary(name: "CLAPACK", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
        .systemLibrary(name: "CRegisters"),
        // Lowest floor first; a room imports only rooms above it in this list (docs/architecture.md).
        .target(name: "Basics"),
        .target(name: "NetCDF", dependencies: ["Basics", "CNetCDF"]),
        .target(name: "Optimisation", dependencies: ["Basics", "CLAPACK"]),
        .target(name: "Tensors", dependencies: ["Basics", "CRegisters"]),
        .target(name: "StencilSolvers", dependencies: ["Basics", "Tensors", "CLAPACK"]),
        .target(name: "Layers", dependencies: ["Basics", "Tensors", "StencilSolvers"]),
        .target(name: "Dynamics", dependencies: ["Basics"]),
        .target(name: "ReferenceModels", dependencies: ["Basics", "Dynamics", "CReference"]),
        .target(name: "Trajectories", dependencies: ["Basics", "NetCDF", "Dynamics"]),
        .target(name: "Emulators", dependencies: ["Basics", "NetCDF", "Tensors", "StencilSolvers", "Layers", "Dynamics"]),
        .target(
            name: "Training",
            dependencies: ["Basics", "NetCDF", "Optimisation", "Tensors", "StencilSolvers", "Layers", "Dynamics", "Trajectories", "Emulators"]),
        .target(name: "Evaluation", dependencies: ["Basics", "Dynamics", "StencilSolvers", "Tensors"]),
        .target(name: "Assimilation", dependencies: ["Basics", "NetCDF", "Optimisation", "StencilSolvers", "Dynamics"]),
        .target(name: "Configuration", dependencies: ["Basics", .product(name: "Yams", package: "Yams")]),
        .executableTarget(
            name: "SeicheCommand",
            dependencies: [
                "Basics", "Dynamics", "ReferenceModels", "Trajectories", "Emulators", "Optimisation", "Training", "Evaluation",
                "Assimilation", "NetCDF", "Configuration", "Tensors", "StencilSolvers",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]
        ),
        .executableTarget(
            name: "seiche-benchmarks",
            dependencies: [
                "Basics", "Dynamics", "Emulators", "Layers", "ReferenceModels", "StencilSolvers", "Tensors", "Training", "Trajectories",
            ],
            path: "benchmarks/Seiche"
        ),
        // Our side of the benchmark beside other libraries.
        .executableTarget(
            name: "seiche-peers",
            dependencies: ["Basics", "Dynamics", "Layers", "Optimisation", "ReferenceModels", "StencilSolvers", "Tensors", "TestSupport"],
            path: "benchmarks/peers/Seiche"
        ),
        // What several test targets share, and the matrices of the benchmarks.
        .target(name: "TestSupport", dependencies: ["Basics", "Tensors", "StencilSolvers"], path: "Tests/TestSupport"),
        .testTarget(name: "BasicsTests", dependencies: ["Basics", "TestSupport"]),
        .testTarget(name: "NetCDFTests", dependencies: ["Basics", "NetCDF", "TestSupport"]),
        .testTarget(name: "TensorsTests", dependencies: ["Tensors", "TestSupport"]),
        .testTarget(name: "StencilSolversTests", dependencies: ["Basics", "StencilSolvers", "Tensors", "TestSupport"]),
        .testTarget(name: "LayersTests", dependencies: ["Layers", "StencilSolvers", "Tensors", "TestSupport"]),
        .testTarget(
            name: "ReferenceModelsTests", dependencies: ["Basics", "Dynamics", "NetCDF", "ReferenceModels", "TestSupport"], resources: [.copy("Fixtures")]
        ),
        .testTarget(name: "TrajectoriesTests", dependencies: ["Basics", "NetCDF", "Dynamics", "Trajectories", "TestSupport"]),
        .testTarget(
            name: "EmulatorsTests",
            dependencies: ["Basics", "NetCDF", "Tensors", "StencilSolvers", "Layers", "Dynamics", "Emulators", "TestSupport"]
        ),
        .testTarget(name: "OptimisationTests", dependencies: ["Basics", "Optimisation", "TestSupport"]),
        .testTarget(
            name: "TrainingTests",
            dependencies: ["Basics", "Optimisation", "Dynamics", "Layers", "StencilSolvers", "Tensors", "Emulators", "Training", "TestSupport"]),
        .testTarget(name: "EvaluationTests", dependencies: ["Basics", "Dynamics", "Evaluation", "StencilSolvers", "Tensors", "TestSupport"]),
        .testTarget(
            name: "AssimilationTests",
            dependencies: ["Basics", "NetCDF", "Optimisation", "StencilSolvers", "Dynamics", "ReferenceModels", "Assimilation", "TestSupport"]),
        .testTarget(name: "ConfigurationTests", dependencies: ["Configuration", "Basics"]),
        // What only several rooms together can show: that what is trained is right.
        .testTarget(
            name: "IntegrationTests",
            dependencies: [
                "Basics", "Dynamics", "Layers", "Optimisation", "ReferenceModels", "Tensors", "Trajectories", "StencilSolvers", "Emulators",
                "Training", "Evaluation", "TestSupport",
            ]
        ),
        // Runs the built command, found by SEICHE_BINARY or in .build/release; build the product `seiche` first.
        .testTarget(
            name: "SeicheCommandTests",
            dependencies: ["Basics", "NetCDF", "Dynamics", "Trajectories", "Emulators", "Training", "Evaluation", "TestSupport"]
        ),
    ],
    swiftLanguageModes: [.v6]
)
