! Reading NetCDF files for run_shallow_water: every failure is a message that names file and variable.
!
! Array dimensions are in Fortran's order: what ncdump calls zeta(time, y, x) is zeta(x, y, time) here.
module run_netcdf
  use, intrinsic :: iso_fortran_env, only: dp => real64
  use netcdf
  use run_files
  implicit none
  private
  public :: nc_file, open_file, close_file, check, has_variable, lengths, read_values, read_record, text_attribute, &
            number_attribute

  type :: nc_file
    integer :: id = -1
    character(len=:), allocatable :: path
  end type nc_file

  ! Reads a whole variable as double precision; missing values are refused.
  interface read_values
    procedure read_1, read_2, read_3
  end interface

contains

  subroutine check(status, what)
    integer, intent(in) :: status          ! of a netCDF call
    character(len=*), intent(in) :: what   ! what could not be done

    if (status /= nf90_noerr) call fail(what//': '//trim(nf90_strerror(status)), &
                                        remedy='look whether the file is what it should be, and whether the disk is full')
  end subroutine check

  function open_file(path, purpose) result(file)
    character(len=*), intent(in) :: path, purpose  ! purpose: the namelist key that names the file
    type(nc_file) :: file
    integer :: status

    file%path = path
    status = nf90_open(path, nf90_nowrite, file%id)
    if (status /= nf90_noerr) call fail("cannot read '"//path//"' ("//purpose//'): '//trim(nf90_strerror(status)), &
                                        remedy='check the path; it counts from the folder where the program was started')
  end function open_file

  subroutine close_file(file)
    type(nc_file), intent(in) :: file
    call check(nf90_close(file%id), "cannot close '"//file%path//"'")
  end subroutine close_file

  logical function has_variable(file, name)
    type(nc_file), intent(in) :: file
    character(len=*), intent(in) :: name
    integer :: id
    has_variable = nf90_inq_varid(file%id, name, id) == nf90_noerr
  end function has_variable

  ! Lengths of a variable's dimensions, the fastest first.
  function lengths(file, name) result(shape)
    type(nc_file), intent(in) :: file
    character(len=*), intent(in) :: name
    integer, allocatable :: shape(:)
    integer :: id, rank, k, dimensions(nf90_max_var_dims)

    id = variable(file, name)
    call check(nf90_inquire_variable(file%id, id, ndims=rank, dimids=dimensions), 'cannot look at '//label(file, name))
    allocate (shape(rank))
    do k = 1, rank
      call check(nf90_inquire_dimension(file%id, dimensions(k), len=shape(k)), 'cannot look at '//label(file, name))
    end do
  end function lengths

  integer function variable(file, name) result(id)
    type(nc_file), intent(in) :: file
    character(len=*), intent(in) :: name

    if (nf90_inq_varid(file%id, name, id) /= nf90_noerr) &
      call fail("'"//file%path//"' has no variable '"//name//"'", &
           remedy='give the file that is meant; --help says what it must hold')
  end function variable

  ! A variable for a message.
  function label(file, name) result(text)
    type(nc_file), intent(in) :: file
    character(len=*), intent(in) :: name
    character(len=:), allocatable :: text
    text = "'"//name//"' in '"//file%path//"'"
  end function label

  subroutine read_1(file, name, values)
    type(nc_file), intent(in) :: file
    character(len=*), intent(in) :: name
    real(dp), allocatable, intent(out) :: values(:)
    integer :: shape(1)

    shape = ranked(file, name, 1)
    allocate (values(shape(1)))
    call check(nf90_get_var(file%id, variable(file, name), values), 'cannot read '//label(file, name))
    call refuse_missing(file, name, size(values), values)
  end subroutine read_1

  subroutine read_2(file, name, values)
    type(nc_file), intent(in) :: file
    character(len=*), intent(in) :: name
    real(dp), allocatable, intent(out) :: values(:,:)
    integer :: shape(2)

    shape = ranked(file, name, 2)
    allocate (values(shape(1),shape(2)))
    call check(nf90_get_var(file%id, variable(file, name), values), 'cannot read '//label(file, name))
    call refuse_missing(file, name, size(values), values)
  end subroutine read_2

  subroutine read_3(file, name, values)
    type(nc_file), intent(in) :: file
    character(len=*), intent(in) :: name
    real(dp), allocatable, intent(out) :: values(:,:,:)
    integer :: shape(3)

    shape = ranked(file, name, 3)
    allocate (values(shape(1),shape(2),shape(3)))
    call check(nf90_get_var(file%id, variable(file, name), values), 'cannot read '//label(file, name))
    call refuse_missing(file, name, size(values), values)
  end subroutine read_3

  ! One record of a field (x, y, time): 0 where `active` is false, whatever the file has there.
  subroutine read_record(file, name, record, active, values)
    type(nc_file), intent(in) :: file
    character(len=*), intent(in) :: name
    integer, intent(in)   :: record        ! from 1
    logical, intent(in)   :: active(:,:)   ! points that carry a value
    real(dp), intent(out) :: values(:,:)
    integer :: shape(3), place(2)

    shape = ranked(file, name, 3)
    if (any(shape(1:2) /= ubound(values))) call fail(label(file, name)//' has '//number_text(shape(1))//' x '// &
      number_text(shape(2))//' points, the grid '//number_text(size(values, 1))//' x '//number_text(size(values, 2))//' cells', &
      remedy='give a file that was made on this grid')
    call check(nf90_get_var(file%id, variable(file, name), values, start=[1, 1, record], count=[shape(1), shape(2), 1]), &
               'cannot read '//label(file, name))
    where (.not. active) values = 0
    place = findloc(is_missing(values, fill_value(file, name)), .true.)
    if (place(1) > 0) call fail(label(file, name)//', record '//number_text(record)//', is missing or not finite at ('// &
      number_text(place(1))//', '//number_text(place(2))//')', 'this cell or face is wet, so that it must have a value', &
      'use another record, or make the file again')
  end subroutine read_record

  ! Lengths of a variable's dimensions, of which there must be a certain number.
  function ranked(file, name, rank) result(shape)
    type(nc_file), intent(in) :: file
    character(len=*), intent(in) :: name
    integer, intent(in)  :: rank
    integer :: shape(rank)
    integer, allocatable :: found(:)

    allocate (found, source=lengths(file, name))
    if (size(found) /= rank .or. any(found < 1)) call fail(label(file, name)//' has '//number_text(size(found))// &
      ' dimensions, or one without a value, where '//number_text(rank)//' are needed', remedy='--help says what the file must hold')
    shape = found(:rank)
  end function ranked

  subroutine refuse_missing(file, name, n, values)
    type(nc_file), intent(in) :: file
    character(len=*), intent(in) :: name
    integer, intent(in)  :: n
    real(dp), intent(in) :: values(n)
    integer :: place

    place = findloc(is_missing(values, fill_value(file, name)), .true., dim=1)
    if (place > 0) call fail(label(file, name)//' is missing or not finite at value '//number_text(place)//' of '// &
      number_text(n), remedy='fill the gaps first')
  end subroutine refuse_missing

  ! What the variable holds where nobody wrote a value.
  real(dp) function fill_value(file, name) result(fill)
    type(nc_file), intent(in) :: file
    character(len=*), intent(in) :: name
    integer  :: id, kind
    real(dp) :: found

    id = variable(file, name)
    fill = nf90_fill_double  ! that of single precision is the same number
    call check(nf90_inquire_variable(file%id, id, xtype=kind), 'cannot look at '//label(file, name))
    if (kind == nf90_int) fill = nf90_fill_int
    if (kind == nf90_short) fill = nf90_fill_short
    if (nf90_get_att(file%id, id, '_FillValue', found) == nf90_noerr) fill = found
  end function fill_value

  elemental logical function is_missing(value, fill)
    real(dp), intent(in) :: value, fill
    is_missing = .not. abs(value) <= huge(value) .or. .not. abs(value - fill) > 0
  end function is_missing

  ! A text attribute of a variable, empty where there is none.
  function text_attribute(file, name, attribute) result(text)
    type(nc_file), intent(in) :: file
    character(len=*), intent(in) :: name, attribute
    character(len=:), allocatable :: text
    integer :: id, length, kind

    id = variable(file, name)
    text = ''
    if (nf90_inquire_attribute(file%id, id, attribute, xtype=kind, len=length) /= nf90_noerr) return
    if (kind /= nf90_char) return
    deallocate (text)
    allocate (character(len=length) :: text)
    call check(nf90_get_att(file%id, id, attribute, text), "cannot read "//name//':'//attribute//" in '"//file%path//"'")
  end function text_attribute

  ! A global attribute of one number; `absent` where there is none, an error where that is not given.
  real(dp) function number_attribute(file, name, absent) result(value)
    type(nc_file), intent(in) :: file
    character(len=*), intent(in) :: name
    real(dp), intent(in), optional :: absent
    integer :: length, kind

    value = 0
    if (nf90_inquire_attribute(file%id, nf90_global, name, xtype=kind, len=length) == nf90_noerr) then
      if (kind /= nf90_char .and. kind /= nf90_string .and. length == 1) then
        call check(nf90_get_att(file%id, nf90_global, name, value), "cannot read the attribute '"//name//"' of '"//file%path//"'")
        return
      end if
    else if (present(absent)) then
      value = absent
      return
    end if
    call fail("the global attribute '"//name//"' of '"//file%path//"' is not there or not one number", &
              remedy='give a file that Seiche wrote')
  end function number_attribute

end module run_netcdf
