"""`python -m pipelines` is `qingqian`."""

from pipelines.cli import main

if __name__ == "__main__":
    main()
