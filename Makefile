# Two commands for a fresh machine: `make studio` and `make test`.

PREFIX ?= /usr/local
PYTHON ?= python3
PORTRAIT ?=
SWIFT_FLAGS := --configuration release --explicit-target-dependency-import-check error
PROGRAM := .build/release/chiaro

.PHONY: studio build test test-swift test-training lint format install uninstall dependencies clean

## Install what is missing, build, and open the studio on the bundled portrait (or PORTRAIT=…).
studio: build
	$(PROGRAM) $(PORTRAIT)

build: dependencies
	swift build $(SWIFT_FLAGS) --product chiaro

## Everything that needs no PyTorch: formatting, build with warnings as errors, all Swift tests.
test: dependencies lint test-swift

test-swift:
	swift build $(SWIFT_FLAGS) --build-tests
	swift test $(SWIFT_FLAGS) --skip-build

## The training code, in a virtual environment of its own.
test-training: .venv/ready
	.venv/bin/python training/smoke_test.py
	cd training && ../.venv/bin/python -m unittest -q test_light_stage test_ffhq_uv_intrinsics test_outfits test_dataset

.venv/ready: training/requirements.txt
	.ci/dependencies python3-venv
	$(PYTHON) -m venv .venv
	.venv/bin/pip install --quiet --requirement training/requirements.txt
	touch $@

lint:
	swift format lint --strict --recursive --parallel Package.swift Sources Tests

format:
	swift format format --in-place --recursive --parallel Package.swift Sources Tests

## Copy the program, its assets and themes below PREFIX.
install: build
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/chiaro
	install -m 755 $(PROGRAM) $(DESTDIR)$(PREFIX)/bin/chiaro
	cp -R assets themes $(DESTDIR)$(PREFIX)/share/chiaro/

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/chiaro
	rm -rf $(DESTDIR)$(PREFIX)/share/chiaro

dependencies:
	@.ci/dependencies

clean:
	rm -rf .build .venv
