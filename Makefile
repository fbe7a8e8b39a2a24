# Each target is one call of tasks.py, which needs only Python 3.11 or newer.
PYTHON ?= python3

.PHONY: env reports check test test-slow mutation test-browser test-engines course course-wheels lab bench coverage truth clean
env reports check test test-slow mutation test-browser test-engines course course-wheels lab bench coverage truth clean:
	@$(PYTHON) tasks.py $@
