# Everything sets itself up on a Debian 12 machine with Swift: `make demo`, `make test`.

JOBS := $(shell nproc)
MAKEFLAGS += --no-print-directory

.PHONY: help setup docker-images docker-lifeboat demo test build bench soak lint format clean

help:
	@echo 'make demo    a database is backed up, lost and recovered, before your eyes; under five minutes'
	@echo 'make test    all tests; make test ONLY=Journal runs the suites whose names contain that'
	@echo 'make build   the program for production: build/lifeboat'
	@echo 'make bench   speed, memory and overhead beside what one would type without it; minutes (BENCH_FULL=1: with 2 GB)'
	@echo 'make soak    the tests whose loops are bounded otherwise, exhaustively; hours'
	@echo 'make lint    is the code laid out as agreed?  make format does it'
	@echo 'make setup   only what the others begin with: packages, and servers to play with in .build/setup'
	@echo 'make docker-images   the images that tests on Docker run, out of Debian packages; no registry needed'
	@echo 'make docker-lifeboat   the images of Lifeboat itself, where no registry can be reached, and whether they work'
	@echo 'make clean   removes all that was built, fetched and unpacked, but for packages'

setup:
	@scripts/setup

docker-images: setup
	@scripts/docker-images

docker-lifeboat: build docker-images
	@scripts/docker-lifeboat

demo: setup
	@swift build -j $(JOBS)
	@scripts/env .build/debug/lifeboat demo

test: setup
	@scripts/docker-images --if-possible
	@swift build --build-tests -j $(JOBS)
	@scripts/test $(if $(ONLY),'$(ONLY)')

soak: setup
	@scripts/docker-images --if-possible
	@swift build --build-tests -j $(JOBS)
	@LIFEBOAT_SOAK=1 scripts/test $(if $(ONLY),'$(ONLY)')

# With Swift's own libraries inside; libpq, libcurl and the other C libraries stay those of the distribution.
build: setup
	@swift build -c release --static-swift-stdlib --product lifeboat -j $(JOBS)
	@mkdir -p build
	@strip -o build/lifeboat .build/release/lifeboat
	@echo "build/lifeboat ($$(stat -c %s build/lifeboat | numfmt --to=iec)B)"

# Pairs in one run are compared, since two machines, or two days, cannot be.
bench: build
	@scripts/env scripts/bench $(ONLY)

lint:
	@swift format lint --strict --parallel --recursive Package.swift Sources Tests

format:
	@swift format --in-place --parallel --recursive Package.swift Sources Tests

clean:
	@scripts/clean
