"""`python -m pixelwise` is the command `pixelwise`; torchrun starts it so."""

from pixelwise.cli.main import main

if __name__ == "__main__":
    main()
